export * from './clock.ts'
export * from './keys.ts'
export * from './ports.ts'
