/** How far a run of a batch is, in one line for people: what matters first, since terminals cut it off. */
import type { RunProgress } from '../ports/batch-runs.ts';

export function runProgressText({ batch, stage, records, chunks, recordsPerSecond, secondsLeft }: RunProgress): string {
  const parts = [batch, stage];
  if (records.total !== null && records.total > 0) parts.push(`${Math.floor((records.read * 100) / records.total)} %`);
  if (secondsLeft !== null) parts.push(`${duration(secondsLeft)} left`);
  if (records.total !== null) parts.push(`${number(records.read)}/${number(records.total)} records`);
  if (recordsPerSecond !== null) parts.push(`${number(recordsPerSecond)}/s`);
  if (records.total !== null) parts.push(`${number(records.rejected)} rejected`);
  if (chunks.total !== null) parts.push(`${number(chunks.done)}/${number(chunks.total)} chunks`);
  return parts.join('  ');
}

function duration(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
