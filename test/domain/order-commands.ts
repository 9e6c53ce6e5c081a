import type { Changes, OrderCommand, RequestedLine } from '../../src/domain/order/order.commands.js';
import { order, type OrderState } from '../../src/domain/order/order.decider.js';
import type {
  Condition,
  LineQuantity,
  OrderEvent,
  OrderLine,
  RequestedAdjustment,
  RiskDecision,
} from '../../src/domain/order/order.events.js';
import { NOON } from './specify.js';

/** Commands to one order in GBP, as short as tests want them. */
export const orderId = 'ord_1';
export const reason = 'because';

export const goods = (quantity: number, unitPrice: string, sku = 'MUG'): RequestedLine => ({
  kind: 'goods',
  sku,
  quantity,
  unitPrice,
});
export const discount = (minor: bigint, code = 'SPRING'): RequestedAdjustment => ({ kind: 'discount', code, minor });
export const shipping = (minor: bigint): RequestedAdjustment => ({ kind: 'shipping', code: 'DHL', minor });
export const tax = (minor: bigint): RequestedAdjustment => ({ kind: 'tax', code: 'VAT', minor });
export const of = (line: number, quantity: number): LineQuantity => ({ line, quantity });
export const back = (line: number, quantity: number, condition: Condition = 'sellable') => ({
  line,
  quantity,
  condition,
});

export const place = (
  lines: readonly RequestedLine[],
  adjustments: readonly RequestedAdjustment[] = [],
): OrderCommand => ({
  type: 'PlaceOrder',
  data: { orderId, currency: 'GBP', lines, ...(adjustments.length === 0 ? {} : { adjustments }) },
});
/** As `place`, for the ledger to fulfil from `main`. */
export const placeFulfilled = (lines: readonly RequestedLine[]): OrderCommand => ({
  type: 'PlaceOrder',
  data: { orderId, currency: 'GBP', lines, fulfilFrom: 'main' },
});
export const assess = (decision: RiskDecision, reasons: readonly string[] = []): OrderCommand => ({
  type: 'AssessRisk',
  data: { orderId, decision, assessor: 'test@1', reasons },
});
export const confirmAllocated: OrderCommand = { type: 'ConfirmOrder', data: { orderId, allocated: true } };
export const confirm: OrderCommand = { type: 'ConfirmOrder', data: { orderId } };
export const cancel: OrderCommand = { type: 'CancelOrder', data: { orderId, reason } };
export const reject: OrderCommand = { type: 'RejectOrder', data: { orderId, code: 'card_declined', reason } };
export const complete: OrderCommand = { type: 'CompleteOrder', data: { orderId } };
export const cancelLines = (...lines: LineQuantity[]): OrderCommand => ({
  type: 'CancelLines',
  data: { orderId, lines, reason },
});
export const edit = (changes: Changes<RequestedLine>): OrderCommand => ({
  type: 'EditOrder',
  data: { orderId, changes, reason },
});
export const ship = (...lines: LineQuantity[]): OrderCommand => ({
  type: 'ShipOrder',
  data: { orderId, ...(lines.length === 0 ? {} : { lines }) },
});
export const deliver = (...lines: LineQuantity[]): OrderCommand => ({
  type: 'DeliverOrder',
  data: { orderId, ...(lines.length === 0 ? {} : { lines }) },
});
export const giveBack = (...lines: LineQuantity[]): OrderCommand => ({ type: 'ReturnOrder', data: { orderId, lines } });
export const requestReturn = (returnId: string, ...lines: LineQuantity[]): OrderCommand => ({
  type: 'RequestReturn',
  data: { orderId, returnId, lines, reason },
});
export const receiveReturn = (returnId: string, ...lines: ReturnType<typeof back>[]): OrderCommand => ({
  type: 'ReceiveReturn',
  data: { orderId, returnId, lines },
});

/** A line as it was sold. */
export const sold = (line: number, requested: RequestedLine, minor: bigint): OrderLine => ({
  ...requested,
  line,
  minor,
});

/** The facts that these commands lead to. @throws Error at the first that is refused: a mistake of the test */
export function facts(...commands: readonly OrderCommand[]): readonly OrderEvent[] {
  let state: OrderState = order.initial;
  return commands.flatMap((command) => {
    const decision = order.decide(command, state, NOON);
    if (decision.outcome === 'rejected') throw new Error(`${command.type}: ${decision.rejection.code}`);
    state = decision.events.reduce((before, event) => order.evolve(before, event), state);
    return decision.events;
  });
}
