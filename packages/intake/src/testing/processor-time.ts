/**
 * Processor time of this process since it began, in ms: how long something holds others up, whatever else
 * the machine is busy with.
 */
export function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
