import type { FulfilmentAction } from './fulfilment.actions.js';

/**
 * What follows when an action is refused for good: the order is rejected, and what it holds is let go of. Other refusals
 * say that what is known is old: another has acted meanwhile. Then nothing follows, until that is known.
 */
export function afterRefusal(action: FulfilmentAction, code: string): FulfilmentAction | undefined {
  const { type } = action;
  if (type === 'reserve' && code !== 'reservation-id-reused') {
    if (code === 'expiry-not-ahead')
      return rejected('fulfilment-timed-out', 'Its time was over before it was reserved');
    return rejected(code, `${action.quantity} of ${action.sku} could not be reserved`);
  }
  if ((type === 'extend' || type === 'commit') && code === 'reservation-expired') {
    return rejected('fulfilment-timed-out', `The reservation of ${action.sku} has expired`);
  }
  if (type === 'initiate-payment' && code !== 'payment-already-recorded') {
    return rejected(code, 'Its payment could not be begun');
  }
  return undefined;
}

const rejected = (code: string, reason: string): FulfilmentAction => ({ type: 'reject', code, reason });
