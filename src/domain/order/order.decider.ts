import { assertNever, type Decider } from '../decider.js';
import type { OrderCommand, OrderRejection } from './order.commands.js';
import { change, discard, draft } from './order.drafts.js';
import type { OrderEvent } from './order.events.js';
import { complete, deliver, receiveReturn, requestReturn, ship, takeBack } from './order.handover.js';
import { evolve, type OrderState } from './order.state.js';
import { assessRisk, reviewRisk } from './order.risk.js';
import { cancel, cancelLines, confirm, edit, place, reject } from './order.terms.js';

export type { OrderLineState, OrderState } from './order.state.js';

export const order: Decider<OrderCommand, OrderState, OrderEvent, OrderRejection> = {
  initial: { status: 'none' },
  decide: (command, state, at) => {
    switch (command.type) {
      case 'DraftOrder':
        return draft(command.data, state, at);
      case 'ChangeDraft':
        return change(command.data, state, at);
      case 'DiscardDraft':
        return discard(command.data, state);
      case 'PlaceOrder':
        return place(command.data, state, at);
      case 'AssessRisk':
        return assessRisk(command.data, state);
      case 'ReviewRisk':
        return reviewRisk(command.data, state);
      case 'ConfirmOrder':
        return confirm(command.data, state);
      case 'CancelOrder':
        return cancel(command.data, state);
      case 'RejectOrder':
        return reject(command.data, state);
      case 'CancelLines':
        return cancelLines(command.data, state);
      case 'EditOrder':
        return edit(command.data, state);
      case 'ShipOrder':
        return ship(command.data, state);
      case 'DeliverOrder':
        return deliver(command.data, state);
      case 'CompleteOrder':
        return complete(command.data, state);
      case 'ReturnOrder':
        return takeBack(command.data, state);
      case 'RequestReturn':
        return requestReturn(command.data, state);
      case 'ReceiveReturn':
        return receiveReturn(command.data, state);
      default:
        return assertNever(command);
    }
  },
  evolve,
};
