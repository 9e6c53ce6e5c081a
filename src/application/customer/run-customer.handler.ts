import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { customer } from '../../domain/customer/customer.decider.js';
import type { CustomerField, ErasureReason, OpenFields } from '../../domain/customer/customer.events.js';
import type { CustomerId } from '../../domain/order/order.events.js';
import { customerStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { Rejected } from '../errors.js';
import { KEY_STORE, SubjectErased, type KeyStore, type SubjectKey } from '../ports/key-store.js';
import { StreamWriter } from '../stream-writer.js';
import { keyedDigest } from './field-cipher.js';
import { emailKey, sealFields, type PersonalData } from './personal-data.js';

type Given = Readonly<{ customerId: CustomerId; personal: PersonalData } & OpenFields>;
/** What is asked of a customer, with personal data in the clear. */
export type AskedOfCustomer = Readonly<
  | { type: 'RegisterCustomer'; data: Given }
  | { type: 'ChangeCustomer'; data: Given & Readonly<{ cleared?: readonly CustomerField[] }> }
  | { type: 'EraseCustomer'; data: Readonly<{ customerId: CustomerId; reason: ErasureReason }> }
>;

/** A customer is there, and the key of its personal data is not. Keys have to be put back from their backup. */
export class KeyLost extends Error {
  override readonly name = 'KeyLost';
  constructor(readonly subject: string) {
    super(`${subject} is registered, and its key is not in the key store`);
  }
}

/**
 * Seals, decides and appends. The key is durable before the first event that needs it. An erasure is the other way round:
 * the event first, then the key, because a key that is gone cannot be brought back if the event is refused; whoever gets
 * a receipt knows that both are done, and `finishErasures` does what a crash cut short.
 *
 * By what e-mail address somebody can be looked for is noted before the event, too: who is found is held against the view, so
 * one that came to nothing finds nobody.
 *
 * What is hashed of personal data is a digest under the subject's key. So a repeated request is known as long as the key is
 * there; after an erasure it is refused like any other.
 * @throws Rejected             with a `CustomerRejection`
 * @throws KeyLost, KeyStoreUnavailable; and all that `StreamWriter.execute` throws
 */
export async function runCustomer(
  writer: StreamWriter,
  keys: KeyStore,
  asked: AskedOfCustomer,
  context: CommandContext,
): Promise<Receipt> {
  const stream = customerStream(asked.data.customerId);
  if (asked.type === 'EraseCustomer') {
    const receipt = await writer.execute(customer, stream, asked, context);
    await keys.erase(stream);
    return receipt;
  }
  const key = await keyFor(writer, keys, stream, asked.type);
  const { personal } = asked.data;
  if (personal.email !== undefined) await unlessErased(keys.remember(stream, emailKey(personal.email)));
  const command = { type: asked.type, data: { ...asked.data, personal: sealFields(key, stream, personal) } };
  const fingerprint = { type: asked.type, data: { ...asked.data, personal: keyedDigest(key, personal) } };
  return writer.execute(customer, stream, command, context, { asked: fingerprint });
}

/** A key is made for a customer that is not there yet, and for no other: a second one would hide that the first is lost. */
async function keyFor(
  writer: StreamWriter,
  keys: KeyStore,
  stream: string,
  type: 'RegisterCustomer' | 'ChangeCustomer',
): Promise<SubjectKey> {
  const known = await keys.find(stream);
  if (known === 'erased') throw new Rejected({ code: 'customer-erased' });
  if (known) return known;
  const { status } = (await writer.current(customer, stream, 0)).state;
  if (status === 'erased') throw new Rejected({ code: 'customer-erased' });
  if (status === 'registered') throw new KeyLost(stream);
  if (type === 'ChangeCustomer') throw new Rejected({ code: 'customer-unknown' });
  return unlessErased(keys.obtain(stream));
}

/** Somebody else may have erased the customer since it was looked at. */
const unlessErased = <T>(asked: Promise<T>): Promise<T> =>
  asked.catch((error: unknown) => {
    throw error instanceof SubjectErased ? new Rejected({ code: 'customer-erased' }) : error;
  });

export class RunCustomer extends Command<Receipt> {
  constructor(
    readonly asked: AskedOfCustomer,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RunCustomer)
export class RunCustomerHandler implements ICommandHandler<RunCustomer> {
  constructor(
    private readonly writer: StreamWriter,
    @Inject(KEY_STORE) private readonly keys: KeyStore,
  ) {}

  execute({ asked, context }: RunCustomer): Promise<Receipt> {
    return runCustomer(this.writer, this.keys, asked, context);
  }
}
