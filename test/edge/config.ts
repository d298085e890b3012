const number = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise)

/** How hard hospitals press: `MLLP_CONNECTIONS`, `MLLP_RATE` (messages a second, over all), `MLLP_SECONDS`. */
export const soak = () => ({
  connections: number('MLLP_CONNECTIONS', 200),
  perSecond: number('MLLP_RATE', 500),
  seconds: number('MLLP_SECONDS', 20),
})

/** How many rows the large file has: `CSV_ROWS`. */
export const largeFileRows = (): number => number('CSV_ROWS', 60_000)
