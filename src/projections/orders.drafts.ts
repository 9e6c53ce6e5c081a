import { CorruptHistory } from '../domain/decider.js';
import type { Recorded } from '../domain/fact.js';
import type { OrderEvent, RequestedAdjustment } from '../domain/order/order.events.js';
import type { OrderDocument, OrderDraft, RequestedOrderAdjustment } from './orders.view.js';

type Of<T extends OrderEvent['type']> = Recorded<Extract<OrderEvent, { type: T }>>;

/** The document of an order that is still a cart, after one more event of its stream. */
export function drafted(
  before: OrderDocument,
  event: Of<'OrderDrafted' | 'DraftChanged' | 'DraftDiscarded'>,
): OrderDocument {
  const revision = event.revision.toString();
  if (event.type === 'OrderDrafted') {
    if (before.life !== 'unplaced') throw corrupt(event, 'the order has been drafted or placed before');
    const { orderId: _, lines, adjustments = [], expiresAt, ...parties } = event.data;
    const draft: OrderDraft = {
      draftedAt: event.metadata.occurredAt,
      lines,
      adjustments: adjustments.map(presentable),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
    return { ...before, ...parties, life: 'draft', draft, revision };
  }
  const { draft } = before;
  if (draft === undefined || before.life !== 'draft') throw corrupt(event, 'the order is no draft');
  if (event.type === 'DraftDiscarded') {
    const { reason } = event.data;
    const because = reason === undefined ? {} : { discardReason: reason };
    return { ...before, life: 'discarded', draft: { ...draft, ...because }, revision };
  }
  const { orderId: _, set = [], removed = [], adjustments, expiresAt, ...parties } = event.data;
  const gone = new Set([...removed, ...set.map(({ line }) => line)]);
  const changed: OrderDraft = {
    ...draft,
    lines: [...draft.lines.filter(({ line }) => !gone.has(line)), ...set].sort((a, b) => a.line - b.line),
    ...(adjustments === undefined ? {} : { adjustments: adjustments.map(presentable) }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  return { ...before, ...parties, draft: changed, revision };
}

export const presentable = ({ minor, ...adjustment }: RequestedAdjustment): RequestedOrderAdjustment => ({
  ...adjustment,
  minor: minor.toString(),
});

export const corrupt = (event: Recorded, detail: string): CorruptHistory =>
  new CorruptHistory(`${event.type} in ${event.stream} at revision ${event.revision}: ${detail}`);
