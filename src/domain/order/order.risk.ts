import { no, yes } from '../decider.js';
import { orderIn, type Answer, type Data } from './order.asked.js';
import type { OrderState } from './order.state.js';

/** Whether an order goes on: assessed once, and where that says so, reviewed once by somebody. */

export function assessRisk({ orderId, decision, assessor, reasons }: Data<'AssessRisk'>, state: OrderState): Answer {
  const order = orderIn(state, 'placed');
  if ('rejection' in order) return no(order.rejection);
  if (order.risk !== undefined) return yes();
  return yes({ type: 'OrderRiskAssessed', data: { orderId, decision, assessor, reasons } });
}

export function reviewRisk({ orderId, decision, reason }: Data<'ReviewRisk'>, state: OrderState): Answer {
  const order = orderIn(state, 'placed');
  if ('rejection' in order) return no(order.rejection);
  if (order.risk !== 'review' || order.reviewed) return no({ code: 'review-not-asked' });
  return yes({ type: 'OrderRiskReviewed', data: { orderId, decision, reason } });
}
