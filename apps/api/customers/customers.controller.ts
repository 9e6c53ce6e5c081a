import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FindCustomers, FindCustomersByEmail, GetCustomer } from '../../../src/application/customer/customers.query.js';
import { RunCustomer } from '../../../src/application/customer/run-customer.handler.js';
import { customerIdFor } from '../../../src/application/ids.js';
import { ApiAsk, ApiCommand, ApiRead } from '../api-docs.js';
import type { ReceiptBody } from '../bodies.js';
import { Commands } from '../commands.js';
import { Queries } from '../queries.js';
import {
  ChangeCustomerBody,
  CustomerBody,
  CustomerListBody,
  CustomerPath,
  CustomerQuery,
  CustomersQuery,
  EraseCustomerBody,
  FindByEmailBody,
  RegisterCustomerBody,
  type CustomerFieldsBody,
} from './customer.dto.js';
import { presentCustomer } from './customer.presenter.js';

@ApiTags('Customers')
@Controller('v1/customers')
export class CustomersController {
  constructor(
    private readonly commands: Commands,
    private readonly queries: Queries,
  ) {}

  @Post()
  @ApiCommand({
    id: 'registerCustomer',
    summary: 'Register a customer',
    description: 'Personal fields are encrypted before they are recorded, under a key that an erasure destroys.',
    creates: 'The customer can be named on orders.',
    problems: ['customer-already-registered', 'customer-erased', 'keys-unavailable', 'personal-data-unreadable'],
  })
  register(
    @Body() { customerId, ...fields }: RegisterCustomerBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const context = this.commands.contextOf(request);
    const id = customerId ?? customerIdFor(context.commandId);
    const asked = { type: 'RegisterCustomer', data: { customerId: id, ...divided(fields) } } as const;
    return this.commands.run(new RunCustomer(asked, context), reply, id, `/v1/customers/${id}`);
  }

  @Post(':customerId/change')
  @HttpCode(200)
  @ApiCommand({
    id: 'changeCustomer',
    summary: 'Set or empty fields of a customer',
    description: 'Fields that are not named stay as they are.',
    problems: [
      'customer-unknown',
      'customer-erased',
      'customer-change-empty',
      'customer-field-repeated',
      'keys-unavailable',
      'personal-data-unreadable',
    ],
  })
  change(
    @Param() { customerId }: CustomerPath,
    @Body() { clear, ...fields }: ChangeCustomerBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const cleared = clear && { cleared: clear.map(({ field }) => field) };
    const asked = { type: 'ChangeCustomer', data: { customerId, ...divided(fields), ...cleared } } as const;
    return this.commands.run(new RunCustomer(asked, this.commands.contextOf(request)), reply, customerId);
  }

  @Post(':customerId/erase')
  @HttpCode(200)
  @ApiCommand({
    id: 'eraseCustomer',
    summary: 'Erase the personal data of a customer, for ever',
    description:
      'Destroys the key under which the personal fields were encrypted. Orders go on naming the customer by id, and what ' +
      'is not personal stays.',
    problems: ['customer-unknown', 'keys-unavailable'],
  })
  erase(
    @Param() { customerId }: CustomerPath,
    @Body() { reason }: EraseCustomerBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptBody> {
    const asked = { type: 'EraseCustomer', data: { customerId, reason } } as const;
    return this.commands.run(new RunCustomer(asked, this.commands.contextOf(request)), reply, customerId);
  }

  @Post('find-by-email')
  @HttpCode(200)
  @ApiAsk({
    id: 'findCustomersByEmail',
    summary: 'Customers whose e-mail address it is now',
    description:
      'Several may have the same, and one page holds them all. The address is compared without case. No `Idempotency-Key`: ' +
      'nothing is written.',
    answer: CustomerListBody,
    problems: ['keys-unavailable', 'personal-data-unreadable'],
  })
  async findByEmail(
    @Body() { email }: FindByEmailBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CustomerListBody> {
    const freshness = this.queries.freshness({}, request, reply);
    const found = await this.queries.read(new FindCustomersByEmail(email, freshness), reply);
    reply.header('Cache-Control', 'no-store');
    return { object: 'list', data: found.map(presentCustomer), hasMore: false, nextCursor: null };
  }

  @Get()
  @ApiRead({
    id: 'listCustomers',
    summary: 'All customers, personal fields in the clear, the latest to be registered first',
    answer: CustomerListBody,
    list: true,
    problems: ['keys-unavailable', 'personal-data-unreadable'],
  })
  async find(
    @Query() query: CustomersQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CustomerListBody> {
    const freshness = this.queries.freshness(query, request, reply);
    const ask = (page: FindCustomers['page']) => new FindCustomers(page, freshness);
    const body = await this.queries.list(ask, query, presentCustomer, request, reply);
    reply.header('Cache-Control', 'no-store');
    return body;
  }

  @Get(':customerId')
  @ApiRead({
    id: 'getCustomer',
    summary: 'One customer, personal fields in the clear',
    answer: CustomerBody,
    problems: ['customer-unknown', 'keys-unavailable', 'personal-data-unreadable'],
  })
  async get(
    @Param() { customerId }: CustomerPath,
    @Query() query: CustomerQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | undefined> {
    const asked = new GetCustomer(customerId, this.queries.freshness(query, request, reply));
    const body = await this.queries.one(asked, { code: 'customer-unknown' }, presentCustomer, request, reply);
    reply.header('Cache-Control', 'no-store'); // a copy in a cache would outlive an erasure
    return body;
  }
}

/** Fields that are there, the personal ones by themselves. */
function divided({ name, email, phone, addresses, ...open }: CustomerFieldsBody) {
  const personal = {
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
    ...(addresses && { addresses: addresses.map((address) => ({ ...address })) }),
  };
  return { personal, ...open };
}
