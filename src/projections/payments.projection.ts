import { assertNever, CorruptHistory } from '../domain/decider.js';
import type { Recorded } from '../domain/fact.js';
import type { OperationKind, PaymentEvent } from '../domain/payment/payment.events.js';
import { paymentTypes } from './payment-types.js';
import { summed } from './payments.sums.js';
import {
  paymentsView,
  type PaymentDocument,
  type PaymentDocumentDispute,
  type PaymentDocumentOperation,
} from './payments.view.js';
import type { Projection } from './projection.js';

type Of<T extends PaymentEvent['type']> = Recorded<Extract<PaymentEvent, { type: T }>>;
/** One event, to the document of its payment: each document folds exactly one stream. */
type PaymentChange = Readonly<{ id: string; event: Recorded<PaymentEvent> }>;

/** Payments with all that was asked of the provider, what became of it, and who asked. */
export const payments: Projection<PaymentDocument, PaymentChange, PaymentEvent> = {
  ...paymentsView,
  types: paymentTypes,
  changes: (event) => [{ id: event.data.paymentId, event }],
  apply: (document, { id, event }) => {
    const folded =
      event.type === 'PaymentInitiated' || event.type === 'PaymentRecorded'
        ? begun(id, event)
        : continued(known(document, event), event);
    return summed({
      ...folded,
      changedAt: event.metadata.occurredAt,
      revision: event.revision.toString(),
    });
  },
};

function begun(id: string, event: Of<'PaymentInitiated' | 'PaymentRecorded'>): PaymentDocument {
  const { orderId, method, amount } = event.data;
  const { occurredAt: at, principal } = event.metadata;
  const document: PaymentDocument = {
    _id: id,
    paymentId: id,
    orderId,
    method,
    currency: amount.currency,
    minor: amount.minor.toString(),
    status: 'initiated',
    capturedMinor: '0',
    refundedMinor: '0',
    pendingMinor: '0',
    disputedMinor: '0',
    operations: [],
    disputes: [],
    initiatedAt: at,
    changedAt: at,
    revision: '0',
  };
  if (event.type === 'PaymentInitiated') return { ...document, provider: event.data.provider };
  const capture = { operationId: id, kind: 'capture', status: 'succeeded', minor: document.minor } as const;
  return { ...document, operations: [{ ...capture, askedBy: principal, changedAt: at }] };
}

type Later = Exclude<PaymentEvent, { type: 'PaymentInitiated' | 'PaymentRecorded' }>;

function continued(document: PaymentDocument, event: Recorded<Later>): PaymentDocument {
  switch (event.type) {
    case 'PaymentRefunded': {
      const { refundId: operationId, amount, reason } = event.data;
      return asked(document, event, 'refund', { operationId, minor: amount.minor, reason, status: 'succeeded' });
    }
    case 'AuthorizationRequested':
      return asked(document, event, 'authorization', { ...event.data, minor: event.data.amount.minor });
    case 'CaptureRequested':
      return asked(document, event, 'capture', { ...event.data, minor: event.data.amount.minor });
    case 'RefundRequested':
      return asked(document, event, 'refund', { ...event.data, minor: event.data.amount.minor });
    case 'VoidRequested':
      return asked(document, event, 'void', { ...event.data, minor: 0n });
    case 'AuthorizationSucceeded': {
      const { reference, expiresAt } = event.data;
      return told(document, event, 'authorization', {
        status: 'succeeded',
        reference,
        ...(expiresAt === undefined ? {} : { expiresAt }),
      });
    }
    case 'ActionRequired': {
      const { reference, nextActionUrl } = event.data;
      return told(document, event, 'authorization', { status: 'requires-action', reference, nextActionUrl });
    }
    case 'AuthorizationExpired':
      return told(document, event, 'authorization', { status: 'expired' });
    case 'CaptureSucceeded':
      return captured(document, event);
    case 'RefundSucceeded': {
      const { reference, reason, authorizationReference } = event.data;
      return told(document, event, 'refund', { status: 'succeeded', reference, reason, authorizationReference });
    }
    case 'VoidSucceeded':
      return ended(
        told(document, event, 'void', { status: 'succeeded', reference: event.data.reference }),
        event,
        event.data.reference,
        'voided',
      );
    case 'AuthorizationFailed': {
      const { declineCode } = event.data;
      return told(document, event, 'authorization', {
        status: 'failed',
        ...failure(event),
        ...(declineCode === undefined ? {} : { declineCode }),
      });
    }
    case 'CaptureFailed':
      return told(document, event, 'capture', { status: 'failed', ...failure(event) });
    case 'VoidFailed':
      return told(document, event, 'void', { status: 'failed', ...failure(event) });
    case 'RefundFailed':
      return told(document, event, 'refund', { status: 'failed', ...failure(event) });
    case 'RefundReversed':
      return told(document, event, 'refund', { status: 'reversed', ...failure(event) });
    case 'OutcomeContradicted':
      return told(document, event, event.data.operation, { contradicted: true, ...failure(event) });
    case 'DisputeOpened': {
      const { disputeId, amount, reason } = event.data;
      const dispute = { disputeId, minor: amount.minor.toString(), reason, status: 'opened' } as const;
      return { ...document, disputes: [...document.disputes, dispute] };
    }
    case 'DisputeWon':
      return disputed(document, event, 'won');
    case 'DisputeLost':
      return disputed(document, event, 'lost');
    default:
      return assertNever(event);
  }
}

const failure = ({ data }: Recorded<Extract<PaymentEvent, { data: { code: string } }>>) => ({
  code: data.code,
  failure: data.reason,
});

type Asked = Readonly<{
  operationId: string;
  minor: bigint;
  reason?: string;
  authorizationReference?: string;
  partOf?: string;
  status?: PaymentDocumentOperation['status'];
}>;

function asked(
  document: PaymentDocument,
  { metadata }: Recorded,
  kind: OperationKind,
  { operationId, minor, reason, authorizationReference, partOf, status = 'pending' }: Asked,
): PaymentDocument {
  const operation: PaymentDocumentOperation = {
    operationId,
    kind,
    status,
    minor: minor.toString(),
    askedBy: metadata.principal,
    ...(reason === undefined ? {} : { reason }),
    ...(authorizationReference === undefined ? {} : { authorizationReference }),
    ...(partOf === undefined ? {} : { partOf }),
    changedAt: metadata.occurredAt,
  };
  return { ...document, operations: [...document.operations, operation] };
}

/** An outcome. One of an operation that nobody asked for adds it: it happened at the provider without us. */
function told(
  document: PaymentDocument,
  { data, metadata }: Recorded<Extract<PaymentEvent, { data: { operationId: string } }>>,
  kind: OperationKind,
  change: Partial<PaymentDocumentOperation>,
): PaymentDocument {
  const { operationId } = data;
  const { operations } = document;
  const index = operations.findIndex((each) => each.operationId === operationId);
  const minor = 'amount' in data ? data.amount.minor.toString() : '0';
  const before = operations[index] ?? { operationId, kind, status: 'pending', minor, changedAt: metadata.occurredAt };
  // What was let go of stays so, whatever else is told of it.
  const status = isEnded(before) ? before.status : (change.status ?? before.status);
  const operation: PaymentDocumentOperation = { ...before, ...change, status, changedAt: metadata.occurredAt };
  return { ...document, operations: index < 0 ? [...operations, operation] : operations.with(index, operation) };
}

/** With the capture, what it left of its authorization may have been let go of. */
function captured(before: PaymentDocument, event: Of<'CaptureSucceeded'>): PaymentDocument {
  const { reference, authorizationReference, capturable } = event.data;
  const document = told(before, event, 'capture', { status: 'succeeded', reference, authorizationReference });
  const authorization = document.operations.find(
    (each) => each.kind === 'authorization' && each.reference === authorizationReference,
  );
  if (capturable?.minor !== 0n || !authorization) return document;
  const taken = document.operations
    .filter((each) => each.kind === 'capture' && each.status === 'succeeded')
    .filter((each) => each.authorizationReference === authorizationReference)
    .reduce((sum, { minor }) => sum + BigInt(minor), 0n);
  return taken < BigInt(authorization.minor) ? ended(document, event, authorizationReference, 'released') : document;
}

/** What an authorization held and nobody captured is held no longer. How that came first stays. */
const ended = (
  document: PaymentDocument,
  { metadata }: Recorded,
  reference: string,
  status: 'released' | 'voided',
): PaymentDocument => ({
  ...document,
  operations: document.operations.map((each) =>
    each.kind === 'authorization' && each.reference === reference && !isEnded(each)
      ? { ...each, status, changedAt: metadata.occurredAt }
      : each,
  ),
});

const isEnded = ({ status }: PaymentDocumentOperation): boolean =>
  status === 'released' || status === 'voided' || status === 'expired';

function disputed(
  document: PaymentDocument,
  event: Of<'DisputeWon' | 'DisputeLost'>,
  status: PaymentDocumentDispute['status'],
): PaymentDocument {
  const index = document.disputes.findIndex(({ disputeId }) => disputeId === event.data.disputeId);
  const dispute = document.disputes[index];
  if (!dispute) throw corrupt(event, 'the dispute has not been opened');
  return { ...document, disputes: document.disputes.with(index, { ...dispute, status }) };
}

function known(document: PaymentDocument | undefined, event: Recorded): PaymentDocument {
  if (!document) throw corrupt(event, 'the payment has not begun');
  return document;
}

const corrupt = (event: Recorded, detail: string): CorruptHistory =>
  new CorruptHistory(`${event.type} in ${event.stream} at revision ${event.revision}: ${detail}`);
