/** Makes one order, and its financial data, from a seed and its place in the file. */
import { REGIONS } from './places.ts';
import { createRandom } from './random.ts';

/** All as text, as it stands in a file. */
export interface GeneratedOrder {
  readonly order: {
    readonly uuid: string;
    readonly country: string;
    readonly itemType: string;
    readonly salesChannel: string;
    readonly orderPriority: string;
    readonly orderDate: string;
    readonly region: string;
    readonly shipDate: string;
  };
  readonly financial: {
    readonly unitsSold: string;
    readonly unitPrice: string;
    readonly unitCost: string;
    readonly totalRevenue: string;
    readonly totalCost: string;
    readonly totalProfit: string;
  };
}

/** Price and cost of one unit, in cents. */
interface ItemType {
  readonly name: string;
  readonly price: number;
  readonly cost: number;
}

const ITEM_TYPES: readonly [ItemType, ...ItemType[]] = [
  { name: 'Baby Food', price: 24_990, cost: 15_650 },
  { name: 'Beverages', price: 4_725, cost: 3_140 },
  { name: 'Cereal', price: 20_480, cost: 11_690 },
  { name: 'Clothes', price: 10_915, cost: 3_605 },
  { name: 'Cosmetics', price: 43_610, cost: 26_285 },
  { name: 'Fruits', price: 945, cost: 715 },
  { name: 'Household', price: 66_715, cost: 50_220 },
  { name: 'Meat', price: 42_075, cost: 36_310 },
  { name: 'Office Supplies', price: 65_030, cost: 52_140 },
  { name: 'Personal Care', price: 8_245, cost: 5_580 },
  { name: 'Snacks', price: 15_190, cost: 9_835 },
  { name: 'Vegetables', price: 15_315, cost: 8_985 },
];
const FIRST_DAY = Date.UTC(2010, 0, 1);
const DAY = 86_400_000;
const DAYS = 2800;

/** Ids of nine digits: stepping by a number that shares no factor with how many there are meets each once. */
const IDS = 900_000_000;
const STEP = 282_475_249;

/** The id of the order at this place; no two places of a file have the same. */
export function orderId(seed: number, index: number): string {
  const start = createRandom(seed).int(0, IDS - 1);
  return String(100_000_000 + Number((BigInt(index) * BigInt(STEP) + BigInt(start)) % BigInt(IDS)));
}

export function generateOrder(seed: number, index: number): GeneratedOrder {
  const random = createRandom(Math.imul(seed, 0x85ebca6b) ^ Math.imul(index + 1, 0x9e3779b1));
  const region = random.pick(REGIONS);
  const item = random.pick(ITEM_TYPES);
  const units = random.int(1, 10_000);
  const ordered = FIRST_DAY + random.int(0, DAYS) * DAY;
  return {
    order: {
      uuid: orderId(seed, index),
      country: random.pick(region.countries),
      itemType: item.name,
      salesChannel: random.pick(['Online', 'Offline']),
      orderPriority: random.pick(['C', 'H', 'L', 'M']),
      orderDate: shortDate(ordered),
      region: region.name,
      shipDate: shortDate(ordered + random.int(0, 50) * DAY),
    },
    financial: {
      unitsSold: String(units),
      unitPrice: money(item.price),
      unitCost: money(item.cost),
      totalRevenue: money(units * item.price),
      totalCost: money(units * item.cost),
      totalProfit: money(units * (item.price - item.cost)),
    },
  };
}

function shortDate(at: number): string {
  const date = new Date(at);
  return `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${String(date.getUTCFullYear()).slice(2)}`;
}

function money(cents: number): string {
  return (cents / 100).toFixed(2);
}
