/** Unpredictable bytes, injected so that a test can repeat itself. In `main.ts`: `randomBytes`. */
export type RandomBytes = (size: number) => Uint8Array

export const randomText = (random: RandomBytes, size: number): string =>
  Buffer.from(random(size)).toString('base64url')
