import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { customerStream } from '../../domain/streams.js';
import { customersView, type CustomerDocument } from '../../projections/customers.view.js';
import type { Stored } from '../../projections/projection.js';
import { KEY_STORE, type KeyStore } from '../ports/key-store.js';
import type { Page } from '../ports/view-store.js';
import type { PageRequest } from '../views/page-request.js';
import { ViewReader, type Answer, type Freshness } from '../views/view-reader.js';
import { emailKey, unsealFields, type PersonalData } from './personal-data.js';
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
    return { ...answer, value: answer.value && (await unsealed(this.keys, answer.value)) };
  }
}

/** All customers, unsealed, the latest to be registered first. */
export class FindCustomers extends Query<Answer<Page<Customer>>> {
  constructor(
    readonly page: PageRequest,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

/** Throws what `GetCustomerHandler` throws. */
@QueryHandler(FindCustomers)
export class FindCustomersHandler implements IQueryHandler<FindCustomers> {
  constructor(
    private readonly reader: ViewReader,
    @Inject(KEY_STORE) private readonly keys: KeyStore,
  ) {}

  async execute({ page, freshness }: FindCustomers): Promise<Answer<Page<Customer>>> {
    const walk = { index: 'registered', direction: 'descending', ...page } as const;
    const answer = await this.reader.read(customersView, freshness, (views) => views.find(customersView, walk));
    const documents = await Promise.all(answer.value.documents.map((each) => unsealed(this.keys, each)));
    return { ...answer, value: { ...answer.value, documents } };
  }
}

/** More are not answered: an address that so many share is nobody's. */
const MOST_OF_ONE_EMAIL = 200;

/** Customers whose e-mail address it is now, without case, the first to be registered first. */
export class FindCustomersByEmail extends Query<Answer<readonly Stored<Customer>[]>> {
  constructor(
    readonly email: string,
    readonly freshness: Freshness,
  ) {
    super();
  }
}

/** Throws what `GetCustomerHandler` throws. */
@QueryHandler(FindCustomersByEmail)
export class FindCustomersByEmailHandler implements IQueryHandler<FindCustomersByEmail> {
  constructor(
    private readonly reader: ViewReader,
    @Inject(KEY_STORE) private readonly keys: KeyStore,
  ) {}

  async execute({ email, freshness }: FindCustomersByEmail): Promise<Answer<readonly Stored<Customer>[]>> {
    const wanted = emailKey(email);
    const streams = await this.keys.whoHas(wanted);
    const ids = streams.slice(0, MOST_OF_ONE_EMAIL).map((stream) => stream.slice(customerStream('').length));
    const answer = await this.reader.read(customersView, freshness, (views) => views.getMany(customersView, ids));
    const byId = new Map(answer.value.map((document) => [document._id, document]));
    const documents = ids.flatMap((id) => byId.get(id) ?? []);
    const found = await Promise.all(documents.map((each) => unsealed(this.keys, each)));
    const value = found.filter(({ known }) => known.email !== undefined && emailKey(known.email) === wanted);
    return { ...answer, value };
  }
}

async function unsealed(keys: KeyStore, { personal, ...open }: Stored<CustomerDocument>): Promise<Stored<Customer>> {
  const stream = customerStream(open.customerId);
  const key = open.erased ? 'erased' : await keys.find(stream);
  if (key === undefined) throw new KeyLost(stream);
  if (key === 'erased') return { ...open, known: {}, isErased: true };
  return { ...open, known: unsealFields(key, stream, personal), isErased: false };
}
