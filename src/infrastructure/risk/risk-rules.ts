import type { RiskAssessment, RiskAssessor, RiskSubject } from '../../application/ports/risk-assessor.js';
import { exponentOf } from '../../domain/currencies.js';
import type { RiskDecision } from '../../domain/order/order.events.js';

/** Amounts in major units of the order's currency, whichever it is. */
export const REVIEW_TOTAL = 10_000n;
export const REVIEW_TOTAL_WITHOUT_CUSTOMER = 1_000n;
/** Units of one SKU. */
export const REVIEW_UNITS = 1_000;
/** Authorizations of one order that failed: cards are being tried out. */
export const DECLINED_PAYMENTS = 3;

type Rule = Readonly<{ decision: RiskDecision; applies: (subject: RiskSubject) => boolean; reason: string }>;

const majors = ({ totalMinor, currency }: RiskSubject): bigint => totalMinor / 10n ** BigInt(exponentOf(currency) ?? 0);

/** In the order of their weight: the first that applies decides, and all that apply are its reasons. docs/adr/0021. */
const RULES: readonly Rule[] = [
  {
    decision: 'decline',
    applies: ({ declinedPayments }) => declinedPayments >= DECLINED_PAYMENTS,
    reason: `${DECLINED_PAYMENTS} or more payments were declined`,
  },
  {
    decision: 'review',
    applies: (subject) => majors(subject) >= REVIEW_TOTAL,
    reason: `The total is ${REVIEW_TOTAL} or more`,
  },
  {
    decision: 'review',
    applies: (subject) => subject.customerId === undefined && majors(subject) >= REVIEW_TOTAL_WITHOUT_CUSTOMER,
    reason: `The total is ${REVIEW_TOTAL_WITHOUT_CUSTOMER} or more, and the order names no customer`,
  },
  {
    decision: 'review',
    applies: ({ units }) => units.some(({ quantity }) => quantity >= REVIEW_UNITS),
    reason: `${REVIEW_UNITS} or more units of one product`,
  },
  {
    decision: 'review',
    applies: ({ totalMinor, units }) => totalMinor <= 0n && units.length > 0,
    reason: 'Goods are given away',
  },
];

/** Assesses by a few fixed rules, without asking anybody: what is not remarkable is accepted. */
export const riskRules: RiskAssessor = {
  name: 'rules@1',
  assess: (subject) => Promise.resolve(assessed(subject)),
};

function assessed(subject: RiskSubject): RiskAssessment {
  const found = RULES.filter(({ applies }) => applies(subject));
  return { decision: found[0]?.decision ?? 'accept', reasons: found.map(({ reason }) => reason) };
}
