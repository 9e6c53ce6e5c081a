import type { CreditNoteCommand } from '../../domain/credit-note/credit-note.commands.js';
import { creditNote } from '../../domain/credit-note/credit-note.decider.js';
import { ordersNamedBy, originFault } from '../../domain/credit-note/origins.js';
import { order } from '../../domain/order/order.decider.js';
import type { OrderId } from '../../domain/order/order.events.js';
import type { LiveOrder } from '../../domain/order/order.state.js';
import { creditNoteStream, orderStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { Rejected } from '../errors.js';
import type { StreamWriter } from '../stream-writer.js';

/**
 * Issues a credit note, each of its origins held against the order as it is. The orders are read, not locked, and one note is
 * not held against another: two may give back the same units, and the order then shows both.
 * @throws Rejected why `originFault` says no, or a `CreditNoteRejection`; and all that `StreamWriter.execute` throws
 */
export async function runCreditNote(
  writer: StreamWriter,
  command: CreditNoteCommand,
  context: CommandContext,
): Promise<Receipt> {
  const stream = creditNoteStream(command.data.creditNoteId);
  const fault = originFault(command.data, await ordersOf(writer, command));
  if (!fault) return writer.execute(creditNote, stream, command, context);
  // What was issued before stays issued, whatever became of its orders since.
  const receipt = await writer.receiptOf(creditNote, stream, context.commandId, command);
  if (receipt) return receipt;
  throw new Rejected(fault);
}

/** The orders that it names, up to the first that was never placed: that one is its fault already. */
async function ordersOf(writer: StreamWriter, { data }: CreditNoteCommand): Promise<ReadonlyMap<OrderId, LiveOrder>> {
  const orders = new Map<OrderId, LiveOrder>();
  for (const orderId of ordersNamedBy(data)) {
    const { state } = await writer.current(order, orderStream(orderId), 0);
    if (!('content' in state)) break;
    orders.set(orderId, state);
  }
  return orders;
}
