import type { Instant } from '../domain/fact.js';
import { FULFILMENT, type PaymentStanding, type Refusals, type Tries } from '../domain/fulfilment/fulfilment.state.js';
import type { PaymentDocument, PaymentDocumentOperation } from './payments.view.js';

/** `isOurs`: the process began it. */
export type FulfilmentPayment = Readonly<{ isOurs: boolean; document: PaymentDocument }>;

type Operation = PaymentDocumentOperation;

/** How a payment stands for the process, from its document. */
export function paymentStanding({ isOurs, document }: FulfilmentPayment): PaymentStanding {
  const { paymentId, provider, currency, operations } = document;
  const minor = BigInt(document.minor);
  const under = (kind: Operation['kind'], status: Operation['status']): bigint =>
    operations
      .filter((each) => each.kind === kind && each.status === status)
      .reduce((total, each) => total + BigInt(each.minor), 0n);
  const capturedMinor = under('capture', 'succeeded');
  const capturingMinor = under('capture', 'pending');
  return {
    paymentId,
    isOurs,
    isProvided: provider !== undefined,
    currency,
    minor,
    authorization: authorizationOf(document),
    heldMinor: heldMinor(document, minor - capturedMinor - capturingMinor),
    capturedMinor,
    capturingMinor,
    refundedMinor: under('refund', 'succeeded'),
    refundingMinor: under('refund', 'pending'),
    refundedByOthersMinor: refundedByOthers(operations),
    disputedMinor: BigInt(document.disputedMinor),
    pending: operations.some(({ status }) => status === 'pending'),
    asked: tries(operations.filter(isAskedByUs)),
    refused: refusals(sinceAuthorized(operations).filter(isAskedByUs)),
  };
}

/** A refund over several authorizations was asked for once: by its first part. */
const isAskedByUs = ({ askedBy, partOf }: Operation): boolean => askedBy === FULFILMENT && partOf === undefined;

/** A new authorization is a new chance: what an old one was refused says nothing of it. */
const sinceAuthorized = (operations: PaymentDocument['operations']): PaymentDocument['operations'] =>
  operations.slice(
    Math.max(
      0,
      operations.findLastIndex(({ kind }) => kind === 'authorization'),
    ),
  );

const refundedByOthers = (operations: PaymentDocument['operations']): bigint =>
  operations
    .filter(({ kind, status }) => kind === 'refund' && (status === 'succeeded' || status === 'pending'))
    .filter(({ askedBy }) => askedBy !== FULFILMENT)
    .reduce((total, each) => total + BigInt(each.minor), 0n);

const newestAuthorization = ({ operations }: PaymentDocument): Operation | undefined =>
  operations.findLast(({ kind }) => kind === 'authorization');

function authorizationOf(document: PaymentDocument): PaymentStanding['authorization'] {
  const status = newestAuthorization(document)?.status ?? 'none';
  if (status === 'succeeded') return 'authorized';
  if (status === 'released') return 'expired'; // as that one, it can be asked for again
  return status === 'reversed' ? 'failed' : status;
}

/**
 * What the newest authorization that succeeded still holds: nothing once it may be about to be let go of. An older one may
 * have succeeded as well, late; it is the newest once the other has been let go of.
 */
function heldMinor(document: PaymentDocument, open: bigint): bigint {
  const newest = document.operations.findLast(({ kind, status }) => kind === 'authorization' && status === 'succeeded');
  const isVoiding = document.operations.some(({ kind, status }) => kind === 'void' && status === 'pending');
  if (!newest || isVoiding || open <= 0n) return 0n;
  const authorized = BigInt(newest.minor);
  return authorized < open ? authorized : open;
}

/** When each failed that came in a row; what is under way does not end the row. */
function refusals(operations: readonly Operation[]): Refusals {
  const of = (kind: Operation['kind']): readonly Instant[] => {
    const told = operations.filter((each) => each.kind === kind && each.status !== 'pending');
    const inARow = told.slice(told.findLastIndex((each) => !hasFailed(each)) + 1);
    return inARow.map(({ changedAt }) => changedAt).toSorted();
  };
  return { capture: of('capture'), void: of('void'), refund: of('refund') };
}

const hasFailed = ({ status }: Operation): boolean => status === 'failed' || status === 'reversed';

function tries(operations: readonly Operation[]): Tries {
  const count = (kind: Operation['kind']) => operations.filter((each) => each.kind === kind).length;
  return {
    authorization: count('authorization'),
    capture: count('capture'),
    void: count('void'),
    refund: count('refund'),
  };
}
