import type { Recorded } from '../domain/fact.js';
import type { LineQuantity, OrderEvent, ReturnedLine } from '../domain/order/order.events.js';
import { plus } from './exact.js';
import { corrupt } from './orders.drafts.js';
import { settled } from './orders.payments.js';
import type { FulfilmentStatus, OrderDocument, ReturnStatus } from './orders.view.js';

type Of<T extends OrderEvent['type']> = Recorded<Extract<OrderEvent, { type: T }>>;

/** The document at one more event of the order's own stream after `OrderPlaced`. */
export function onItsStream(before: OrderDocument, event: Recorded<OrderEvent>): OrderDocument {
  if (before.placedAt === undefined) throw corrupt(event, 'the order has not been placed');
  return { ...before, revision: event.revision.toString() };
}

/** Takes back what the event repeats: units of lines, and the money for them. */
export function withdrawn(
  before: OrderDocument,
  event: Of<'OrderCancelled' | 'OrderRejected' | 'OrderLinesCancelled'>,
  reason: string,
): OrderDocument {
  const { totalMinor } = event.data;
  const lines = event.data.lines.map(({ line, quantity }) => ({ line, quantity }));
  const document = moved(onItsStream(before, event), lines, 'cancelled', event);
  const { occurredAt, principal } = event.metadata;
  const cancellation = { lines, minor: totalMinor.toString(), reason, occurredAt, principal };
  return settled({
    ...document,
    cancelledMinor: plus(document.cancelledMinor, totalMinor),
    cancellations: [...document.cancellations, cancellation],
  });
}

export function sentBack(document: OrderDocument, event: Of<'ReturnRequested' | 'ReturnReceived'>): OrderDocument {
  const at = event.metadata.occurredAt;
  if (event.type === 'ReturnRequested') {
    const { returnId, lines, reason } = event.data;
    const requested = { returnId, status: 'requested', reason, lines, requestedAt: at } as const;
    const after = { ...document, returns: [...document.returns, requested] };
    return { ...after, ...progressOf(after) };
  }
  const { returnId, lines, totalMinor } = event.data;
  const index = document.returns.findIndex((known) => known.returnId === returnId);
  const known = document.returns[index];
  if (known === undefined) throw corrupt(event, `return ${returnId} has not been requested`);
  const received = {
    ...known,
    status: 'received',
    received: lines.map(receivedLine),
    minor: totalMinor.toString(),
    receivedAt: at,
  } as const;
  return moved({ ...document, returns: document.returns.with(index, received) }, lines, 'returned', event);
}

const receivedLine = ({ line, quantity, condition, minor }: ReturnedLine) => ({
  line,
  quantity,
  condition,
  minor: minor.toString(),
});

export function moved(
  before: OrderDocument,
  quantities: readonly LineQuantity[],
  counter: 'cancelled' | 'shipped' | 'delivered' | 'returned',
  event: Recorded,
): OrderDocument {
  const lines = [...before.lines];
  for (const { line, quantity } of quantities) {
    const index = lines[line - 1]?.line === line ? line - 1 : lines.findIndex((one) => one.line === line);
    const known = lines[index];
    if (known === undefined) throw corrupt(event, `the order has no line ${line}`);
    lines[index] = { ...known, [counter]: known[counter] + quantity };
  }
  const document = { ...before, lines };
  return { ...document, ...progressOf(document) };
}

export function progressOf({ lines: all, returns }: OrderDocument): {
  fulfilment: FulfilmentStatus;
  returned: ReturnStatus;
} {
  const goods = all.filter(({ kind }) => kind === 'goods');
  const lines = goods.length > 0 ? goods : all;
  const units = (counter: 'quantity' | 'cancelled' | 'shipped' | 'delivered' | 'returned') =>
    lines.reduce((sum, line) => sum + line[counter], 0);
  const [due, shipped, returned] = [units('quantity') - units('cancelled'), units('shipped'), units('returned')];
  return {
    fulfilment: due === 0 ? 'cancelled' : fulfilmentOf(due, shipped, units('delivered')),
    returned:
      returned > 0
        ? returned < due
          ? 'partially-returned'
          : 'returned'
        : returns.some(({ status }) => status === 'requested')
          ? 'requested'
          : 'none',
  };
}

function fulfilmentOf(due: number, shipped: number, delivered: number): FulfilmentStatus {
  if (shipped === 0) return 'unfulfilled';
  if (shipped < due) return 'partially-shipped';
  return delivered < shipped ? 'shipped' : 'delivered';
}
