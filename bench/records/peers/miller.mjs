/** The same with Miller. It has no table. Its cost is that of its own process, as /proc tells it. */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COUNTRIES, CURRENCIES, INPUT_COLUMNS, OUTPUT_COLUMNS, STATUSES } from '../orders.ts';

const oneOf = (name, values) => `$${name} =~ "^(${values.join('|')})$"`;

const PROGRAM = `
  if (is_absent($name) || !($order_id =~ "^[0-9]{9}$" && $ordered_at =~ "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
    && strlen($customer) >= 1 && strlen($customer) <= 80 && $email =~ "^[^@ ]+@[^@ ]+$" && ${oneOf('country', COUNTRIES)}
    && strlen($sku) >= 1 && strlen($sku) <= 20 && $quantity =~ "^[0-9]+$" && int($quantity) >= 1 && int($quantity) <= 999
    && $unit_price =~ "^[0-9]+[.][0-9]+$" && float($unit_price) > 0
    && ${oneOf('currency', CURRENCIES)} && ${oneOf('status', STATUSES)})) {
    map rejected = {${INPUT_COLUMNS.map((name) => `"${name}": $${name}`).join(', ')}};
    emit > ENV["REJECTS"], rejected;
    filter false
  } else {
    filter true;
    $product = $name;
    $unit_cents = int(round(float($unit_price) * 100));
    $net_cents = $unit_cents * $quantity;
    $tax_cents = ($net_cents * $tax + 50) // 100;
    $total_cents = $net_cents + $tax_cents;
  }`;

/** Clock ticks a second, on every Linux. */
const TICKS = 100;

export async function prepare({ folder }) {
  mkdirSync(folder, { recursive: true });
}

export async function run({ folder, orders, products }) {
  const began = performance.now();
  const args = ['--csv', 'join', '--ur', '-j', 'sku', '-f', products, 'then', 'put', PROGRAM];
  const output = openSync(join(folder, 'output.csv'), 'w');
  const child = spawn('mlr', [...args, 'then', 'cut', '-o', '-f', OUTPUT_COLUMNS.join(','), orders], {
    env: { ...process.env, REJECTS: join(folder, 'rejects.csv') },
    stdio: ['ignore', output, 'inherit'],
  });
  let peakMb = 0;
  const watch = setInterval(() => {
    try {
      const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      if (kilobytes !== undefined) peakMb = Number(kilobytes) / 1024;
    } catch {
      clearInterval(watch);
    }
  }, 20);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`mlr has ended with ${code}`);
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  const cpuSeconds = (Number(fields[13]) + Number(fields[14])) / TICKS;
  return { cpuSeconds, wallSeconds: (performance.now() - began) / 1000, peakMb };
}
