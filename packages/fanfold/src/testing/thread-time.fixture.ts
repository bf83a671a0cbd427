/** Milliseconds of the processor that this thread takes for it, however busy the machine is. */
export function threadTime(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
