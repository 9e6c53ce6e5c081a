import { CorruptHistory } from '../decider.js';
import { allocate, MAX_MINOR, type Currency } from '../money.js';
import { totalOf } from '../pricing.js';
import { quantityFault } from '../quantity.js';
import type { AdjustmentRejection } from './order.commands.js';
import type { AdjustmentKind, Amounts, OrderAdjustment, OrderLine, RequestedAdjustment } from './order.events.js';

/** The most adjustments on one order. */
export const MAX_ADJUSTMENTS = 20;
const KINDS: readonly AdjustmentKind[] = ['discount', 'shipping', 'tax'];

/**
 * Allocates each adjustment over the goods lines (over all, where an order has no goods) by what they cost, discounts
 * first, each over what the ones before it left; shipping and tax go by what is left after all discounts. Where that is
 * nothing, by units. So no line's shares ever take more than the line has, and parts add up to their whole.
 * The first fault is the answer. Source: `allocate`, the largest-remainder method; docs/adr/0016.
 */
export function adjust(
  lines: readonly OrderLine[],
  asked: readonly RequestedAdjustment[],
  currency: Currency,
): Amounts | Readonly<{ rejection: AdjustmentRejection }> {
  const fault = adjustmentFault(asked);
  if (fault) return { rejection: fault };
  const goods = lines.filter(({ kind }) => kind === 'goods');
  const bearing = goods.length > 0 ? goods : lines;
  const left = bearing.map(({ minor }) => minor);
  const adjustments: OrderAdjustment[] = [];
  for (const adjustment of asked.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind))) {
    const isDiscount = adjustment.kind === 'discount';
    const minor = isDiscount ? -adjustment.minor : adjustment.minor;
    const remaining = left.reduce((a, b) => a + b, 0n);
    if (isDiscount && minor > remaining) {
      const money = (amount: bigint) => ({ minor: amount, currency });
      return {
        rejection: { code: 'discount-exceeds-goods', remaining: money(remaining), requested: money(minor) },
      };
    }
    const weights = remaining > 0n ? left : bearing.map(({ quantity }) => BigInt(quantity));
    const parts = allocate({ minor, currency }, weights).map((part) => (isDiscount ? -part.minor : part.minor));
    if (isDiscount) for (const [index, part] of parts.entries()) left[index] = left[index]! + part;
    const allocations = bearing.map(({ line }, index) => ({ line, minor: parts[index]! }));
    adjustments.push({ ...adjustment, allocations: allocations.filter((part) => part.minor !== 0n) });
  }
  const totalMinor = totalOf(lines) + totalOf(adjustments);
  if (totalMinor > MAX_MINOR) return { rejection: { code: 'total-too-large' } };
  return { lines, ...(adjustments.length === 0 ? {} : { adjustments }), totalMinor };
}

/** Why adjustments cannot be of any order, whatever its lines; `undefined` when they can. */
export function adjustmentFault(asked: readonly RequestedAdjustment[]): AdjustmentRejection | undefined {
  if (asked.length > MAX_ADJUSTMENTS) return { code: 'too-many-adjustments', allowed: MAX_ADJUSTMENTS };
  const known = new Set<string>();
  for (const [index, { kind, code, minor }] of asked.entries()) {
    const adjustment = index + 1;
    if (kind === 'discount' ? minor >= 0n : minor < 0n) return { code: 'adjustment-sign-wrong', adjustment };
    const name = `${kind} ${code}`;
    if (known.has(name)) return { code: 'adjustment-repeated', adjustment };
    known.add(name);
  }
  return undefined;
}

/** Of the units of a line, numbered 0, 1, 2 … in the order in which they are given back: `from` to `to`, exclusive. */
export type UnitRange = Readonly<{ line: number; from: number; to: number }>;

/**
 * The part of an order that some units make up: their lines, what of every adjustment falls on them, and the sum.
 *
 * Exact over any sequence of parts: a line with its first n adjustments is worth C(n), and units up to k are worth
 * ⌊C(n) × k ∕ quantity⌋ of that; the difference to n − 1 is the adjustment's part, the difference to `from` the range's.
 * So the ranges of a line add up to the line, what falls on a range adds up to its total, and no total is below zero.
 * Shape: `ranges` name lines of the order, 0 ≤ from ≤ to ≤ quantity; empty ones leave no line. Lines come out nameless.
 */
export function partOf({ lines, adjustments }: Amounts, ranges: readonly UnitRange[]): Amounts {
  const byLine = new Map(lines.map((line) => [line.line, line]));
  const shares = (adjustments ?? []).map(({ allocations }) => new Map(allocations.map((one) => [one.line, one.minor])));
  const allocated = shares.map((): { line: number; minor: bigint }[] => []);
  const parts: OrderLine[] = [];
  let totalMinor = 0n;
  for (const { line, from, to } of ranges) {
    const whole = byLine.get(line);
    if (whole === undefined) throw new CorruptHistory(`No line ${line} in the order`);
    if (from === to) continue;
    const worth = (minor: bigint): bigint =>
      (minor * BigInt(to)) / BigInt(whole.quantity) - (minor * BigInt(from)) / BigInt(whole.quantity);
    let cost = whole.minor;
    let part = worth(cost);
    const { name: _, ...nameless } = whole;
    parts.push({ ...nameless, quantity: to - from, minor: part });
    for (const [index, share] of shares.entries()) {
      cost += share.get(line) ?? 0n;
      const withShare = worth(cost);
      if (withShare !== part) allocated[index]!.push({ line, minor: withShare - part });
      part = withShare;
    }
    totalMinor += part;
  }
  return {
    lines: parts,
    ...(adjustments && {
      adjustments: adjustments.map((adjustment, index) => {
        const allocations = allocated[index]!;
        return { ...adjustment, minor: totalOf(allocations), allocations };
      }),
    }),
    totalMinor,
  };
}

/** Errors: CorruptHistory when stored amounts do not add up, or name lines in another order than 1, 2, 3 … with gaps. */
export function assertAmounts(type: string, { lines, adjustments = [], totalMinor }: Amounts): void {
  if (lines.length === 0) throw new CorruptHistory(`${type} without lines`);
  const numbers = new Set<number>();
  let last = 0;
  for (const { line, quantity } of lines) {
    if (!Number.isSafeInteger(line) || line <= last) throw new CorruptHistory(`${type} has line ${line} after ${last}`);
    if (quantityFault(quantity)) throw new CorruptHistory(`${type} with ${quantity} units on line ${line}`);
    numbers.add(line);
    last = line;
  }
  for (const { code, minor, allocations } of adjustments) {
    if (allocations.some(({ line }) => !numbers.has(line)) || totalOf(allocations) !== minor) {
      throw new CorruptHistory(`${type} does not allocate all of ${code} to its lines`);
    }
  }
  const sum = totalOf(lines) + totalOf(adjustments);
  if (sum !== totalMinor) {
    throw new CorruptHistory(`${type} says a total of ${totalMinor}, its lines add up to ${sum}`);
  }
}
