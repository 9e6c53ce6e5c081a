import { assertNever, type Decider } from '../decider.js';
import { stateCodec } from '../state-codec.js';
import {
  adjust,
  count,
  giveBack,
  receive,
  setBackorderPolicy,
  transferIn,
  transferOut,
  writeOff,
} from './movements.js';
import { commit, expire, extend, release, reserve, ship } from './reservations.js';
import type { StockCommand, StockRejection } from './stock.commands.js';
import type { StockEvent } from './stock.events.js';
import { evolve } from './stock.evolve.js';
import { emptyShelf, type StockState } from './stock.state.js';

/** One SKU at one location: what lies there, and to whom it is promised. */
export const stock: Decider<StockCommand, StockState, StockEvent, StockRejection> = {
  initial: emptyShelf,
  decide: (command, state, at) => {
    switch (command.type) {
      case 'ReceiveStock':
        return receive(command.data, state);
      case 'AdjustStock':
        return adjust(command.data, state, at);
      case 'CountStock':
        return count(command.data, state, at);
      case 'ReserveStock':
        return reserve(command.data, state, at);
      case 'ExtendReservation':
        return extend(command.data, state, at);
      case 'ExpireReservation':
        return expire(command.data, state, at);
      case 'CommitReservation':
        return commit(command.data, state, at);
      case 'ReleaseReservation':
        return release(command.data, state, at);
      case 'ShipStock':
        return ship(command.data, state, at);
      case 'ReturnStock':
        return giveBack(command.data, state);
      case 'WriteOffDamagedStock':
        return writeOff(command.data, state);
      case 'TransferStock':
        return transferOut(command.data, state, at);
      case 'ReceiveTransfer':
        return transferIn(command.data, state);
      case 'SetBackorderPolicy':
        return setBackorderPolicy(command.data);
      default:
        return assertNever(command);
    }
  },
  evolve,
  saved: stateCodec(2, emptyShelf),
};
