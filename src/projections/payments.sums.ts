import type { PaymentDocument, PaymentDocumentOperation, PaymentDocumentStatus } from './payments.view.js';

/** The document with its sums and its status derived anew from its operations and disputes. */
export function summed(document: PaymentDocument): PaymentDocument {
  const sum = (status: PaymentDocumentOperation['status'], ...kinds: readonly PaymentDocumentOperation['kind'][]) =>
    document.operations
      .filter((operation) => operation.status === status && kinds.includes(operation.kind))
      .reduce((minor, operation) => minor + BigInt(operation.minor), 0n);
  const captured = sum('succeeded', 'capture');
  const refunded = sum('succeeded', 'refund');
  const disputed = document.disputes
    .filter(({ status }) => status !== 'won')
    .reduce((minor, dispute) => minor + BigInt(dispute.minor), 0n);
  return {
    ...document,
    status: statusOf(document, captured, refunded, disputed),
    capturedMinor: captured.toString(),
    refundedMinor: refunded.toString(),
    pendingMinor: sum('pending', 'capture', 'refund').toString(),
    disputedMinor: disputed.toString(),
  };
}

/** Money that has moved tells most, the last that became of it first; else, how the newest authorization stands. */
function statusOf(
  { minor, operations }: PaymentDocument,
  captured: bigint,
  refunded: bigint,
  disputed: bigint,
): PaymentDocumentStatus {
  if (disputed > 0n) return 'disputed';
  if (captured > 0n) {
    if (refunded > 0n) return refunded < captured ? 'partially-refunded' : 'refunded';
    return captured < BigInt(minor) ? 'partially-captured' : 'captured';
  }
  const newest = operations.findLast(({ kind }) => kind === 'authorization');
  if (!newest) return 'initiated';
  if (newest.status === 'succeeded') return 'authorized';
  return newest.status === 'reversed' ? 'failed' : newest.status;
}
