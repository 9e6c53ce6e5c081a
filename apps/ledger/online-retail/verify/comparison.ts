import { addDecimals, compareDecimals, negateDecimal, type Decimal } from '../../../../src/domain/decimal.js';
import { majorUnits } from '../../../../src/domain/money.js';
import { exactSales, type ExactSales } from '../../../../src/projections/sales.view.js';
import type { CodeFigures } from '../../../../src/projections/sales-by-code.js';
import type { SalesDocument } from '../../../../src/projections/sales.view.js';
import { CURRENCY } from '../import/plan.js';

/**
 * One figure of the ledger beside the same one of the truth.
 * `rounding`  what the rounding of lines took from the ledger's figure, where it took anything: both together agree
 */
export type Comparison = Readonly<{
  section: string;
  figure: string;
  ledger: string;
  rounding?: Decimal;
  truth: string;
  agrees: boolean;
}>;

/** An amount of the ledger: as booked, in minor units, and as the lines are worth exactly, in major units. */
export type Amount = Readonly<{ minor: bigint; exact: Decimal }>;
export const NOTHING: Amount = { minor: 0n, exact: '0' };

type Measure = keyof ExactSales;

/** A measure of sales figures; nothing where the view has no such document. */
export function amountOf(figures: SalesDocument | CodeFigures | undefined, measure: Measure): Amount {
  if (!figures) return NOTHING;
  return { minor: BigInt(figures[`${measure}Minor`]), exact: exactSales(figures)[measure] };
}

export const plus = (...amounts: readonly Amount[]): Amount =>
  amounts.reduce((a, b) => ({ minor: a.minor + b.minor, exact: addDecimals(a.exact, b.exact) }), NOTHING);
export const minus = ({ minor, exact }: Amount): Amount => ({
  minor: -minor,
  exact: negateDecimal(exact),
});

/** Collects comparisons. A figure that the truth does not have is not compared. */
export class Comparisons {
  readonly all: Comparison[] = [];

  count(section: string, figure: string, ledger: number | bigint, truth: bigint | undefined): void {
    if (truth === undefined) return;
    this.all.push({ section, figure, ledger: `${ledger}`, truth: `${truth}`, agrees: BigInt(ledger) === truth });
  }

  money(section: string, figure: string, ledger: Amount, truth: Decimal | undefined): void {
    if (truth !== undefined) this.moneySum(section, figure, ledger, [truth]);
  }

  /** Against the sum of several figures of the truth, which the ledger does not tell apart. */
  moneySum(section: string, figure: string, { minor, exact }: Amount, parts: readonly Decimal[]): void {
    const truth = parts.length === 1 ? (parts[0] ?? '0') : parts.reduce(addDecimals, '0');
    const booked = majorUnits({ minor, currency: CURRENCY });
    const rounding = addDecimals(exact, negateDecimal(booked));
    this.all.push({
      section,
      figure,
      ledger: inPence(booked),
      ...(compareDecimals(rounding, '0') === 0 ? {} : { rounding }),
      truth,
      agrees: compareDecimals(exact, truth) === 0,
    });
  }

  /**
   * A list of the largest: each named value must be the ledger's, and as large as the ledger's own value of that rank,
   * so that nothing larger is missing. Which of two equal ones comes first does not matter.
   */
  ranked(
    section: string,
    ledger: ReadonlyMap<string, Amount>,
    truth: readonly Readonly<{ key: string; value: Decimal }>[],
    unit: 'money' | 'count',
  ): void {
    const descending = [...ledger.values()].sort((a, b) => compareDecimals(b.exact, a.exact));
    for (const [index, { key, value }] of truth.entries()) {
      const figure = `${index + 1}. ${key}`;
      const own = ledger.get(key) ?? NOTHING;
      if (unit === 'money') this.money(section, figure, own, value);
      else this.count(section, figure, own.minor, BigInt(value));
      const ofRank = descending[index]?.exact ?? '0';
      if (compareDecimals(ofRank, value) === 0) continue;
      this.all.push({ section, figure: `${figure}, value of this rank`, ledger: ofRank, truth: value, agrees: false });
    }
  }
}

/** `165` → `165.00`, `-7175.6` → `-7175.60`: a booked amount has whole pence, so two decimals are all it has. */
function inPence(booked: Decimal): string {
  const [whole, fraction = ''] = booked.split('.');
  return `${whole}.${fraction.padEnd(2, '0')}`;
}
