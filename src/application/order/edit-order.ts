import { Inject } from '@nestjs/common';
import { Command, CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Changes, OrderCommand } from '../../domain/order/order.commands.js';
import { order } from '../../domain/order/order.decider.js';
import type { OrderEvent, OrderId } from '../../domain/order/order.events.js';
import { orderStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { Rejected } from '../errors.js';
import { CLOCK, type Clock } from '../ports/clock.js';
import { StreamWriter } from '../stream-writer.js';
import { priceFromCatalog, type AskedLine, type PlaceOrderRejection } from './catalog-prices.js';

/** What is to be different, before prices are looked up. */
export type AskedChanges = Changes<AskedLine>;
type Edit = Extract<OrderCommand, { type: 'EditOrder' }>;
type Edited = Extract<OrderEvent, { type: 'OrderEdited' }>['data'];

/**
 * Changes an order of which nothing has shipped; lines that are added cost the list price where they say none.
 * Repeatable for ever, as `placeOrder` is.
 * @throws Rejected with a `PlaceOrderRejection` or an `OrderRejection`; and all that `StreamWriter.execute` throws
 */
export async function editOrder(
  writer: StreamWriter,
  orderId: OrderId,
  changes: AskedChanges,
  reason: string,
  context: CommandContext,
): Promise<Receipt> {
  const stream = orderStream(orderId);
  const fingerprint = { type: 'EditOrder', data: { orderId, changes, reason } };
  const priced = await editOf(writer, orderId, changes, reason);
  if ('command' in priced) return writer.execute(order, stream, priced.command, context, { asked: fingerprint });
  const receipt = await writer.receiptOf(order, stream, context.commandId, fingerprint);
  if (receipt) return receipt;
  throw new Rejected(priced.rejection);
}

/** What an edit would make of an order at `revision`. */
export type EditPreview = Readonly<{ revision: bigint; edited: Edited }>;

/**
 * Decides an edit on the order as it is now, and writes nothing: with the same `If-Match`, the edit itself does exactly
 * this, at the prices of then.
 * @throws Rejected as `editOrder`
 */
export async function previewEdit(
  writer: StreamWriter,
  orderId: OrderId,
  changes: AskedChanges,
  at: string,
): Promise<EditPreview> {
  const priced = await editOf(writer, orderId, changes, 'preview');
  if ('rejection' in priced) throw new Rejected(priced.rejection);
  const { state, revision } = await writer.current(order, orderStream(orderId), 0);
  const decision = order.decide(priced.command, state, at);
  if (decision.outcome === 'rejected') throw new Rejected(decision.rejection);
  const [event] = decision.events;
  if (event?.type !== 'OrderEdited' || revision === 'no-stream')
    throw new Error(`${orderId}: an edit without an event`);
  return { revision, edited: event.data };
}

/** The command, its new lines priced. Of what is no order, without new lines: the decider says why it cannot be edited. */
async function editOf(
  writer: StreamWriter,
  orderId: OrderId,
  { addLines, ...changes }: AskedChanges,
  reason: string,
): Promise<Readonly<{ command: Edit }> | Readonly<{ rejection: PlaceOrderRejection }>> {
  const { state } = await writer.current(order, orderStream(orderId), 0);
  const edit = (all: Edit['data']['changes']): Edit => ({ type: 'EditOrder', data: { orderId, changes: all, reason } });
  if (addLines === undefined || !('content' in state)) return { command: edit(changes) };
  const priced = await priceFromCatalog(writer, addLines, state.content.currency);
  if ('rejection' in priced) return { rejection: { ...priced.rejection, list: 'addLines' } };
  return { command: edit({ ...changes, addLines: priced.lines }) };
}

/** See `editOrder`. */
export class EditOrder extends Command<Receipt> {
  constructor(
    readonly orderId: OrderId,
    readonly changes: AskedChanges,
    readonly reason: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(EditOrder)
export class EditOrderHandler implements ICommandHandler<EditOrder> {
  constructor(private readonly writer: StreamWriter) {}

  execute({ orderId, changes, reason, context }: EditOrder): Promise<Receipt> {
    return editOrder(this.writer, orderId, changes, reason, context);
  }
}

/** See `previewEdit`. */
export class PreviewEdit extends Query<EditPreview> {
  constructor(
    readonly orderId: OrderId,
    readonly changes: AskedChanges,
  ) {
    super();
  }
}

@QueryHandler(PreviewEdit)
export class PreviewEditHandler implements IQueryHandler<PreviewEdit> {
  constructor(
    private readonly writer: StreamWriter,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ orderId, changes }: PreviewEdit): Promise<EditPreview> {
    return previewEdit(this.writer, orderId, changes, new Date(this.clock.now()).toISOString());
  }
}
