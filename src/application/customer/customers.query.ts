import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { customerStream } from '../../domain/streams.js';
import { customersView, type CustomerDocument } from '../../projections/customers.view.js';
import type { Stored } from '../../projections/projection.js';
import { KEY_STORE, type KeyStore } from '../ports/key-store.js';
import { ViewReader, type Answer, type Freshness } from '../views/view-reader.js';
import { unsealFields, type PersonalData } from './personal-data.js';
import { KeyLost } from './run-customer.handler.js';

/**
 * A customer as whoever may see it reads it.
 * `isErased`  also when the key is gone and the view has not heard of it yet; `known` is then empty
 */
export type Customer = Omit<CustomerDocument, 'personal'> & Readonly<{ known: PersonalData; isErased: boolean }>;

/** One customer, unsealed, or `undefined`. */
export class GetCustomer extends Query<Answer<Stored<Customer> | undefined>> {
  constructor(
    readonly customerId: string,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

/** Throws what the reader throws, and `KeyLost`, `FieldUnreadable`, `KeyStoreUnavailable`. */
@QueryHandler(GetCustomer)
export class GetCustomerHandler implements IQueryHandler<GetCustomer> {
  constructor(
    private readonly reader: ViewReader,
    @Inject(KEY_STORE) private readonly keys: KeyStore,
  ) {}

  async execute({ customerId, freshness }: GetCustomer): Promise<Answer<Stored<Customer> | undefined>> {
    const answer = await this.reader.read(customersView, freshness, (views) => views.get(customersView, customerId));
    return { ...answer, value: answer.value && (await this.#unsealed(answer.value)) };
  }

  async #unsealed({ personal, ...open }: Stored<CustomerDocument>): Promise<Stored<Customer>> {
    const stream = customerStream(open.customerId);
    const key = open.erased ? 'erased' : await this.keys.find(stream);
    if (key === undefined) throw new KeyLost(stream);
    if (key === 'erased') return { ...open, known: {}, isErased: true };
    return { ...open, known: unsealFields(key, stream, personal), isErased: false };
  }
}
