import { Inject, Injectable } from '@nestjs/common';
import { QueryBus, type Command } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Receipt } from '../../../src/application/command-context.js';
import { AwaitFulfilment } from '../../../src/application/order/fulfilment.query.js';
import { CLOCK, type Clock } from '../../../src/application/ports/clock.js';
import { Commands } from '../commands.js';
import { preferredWait } from '../queries.js';
import type { OrderReceiptBody } from './fulfilment.dto.js';
import { presentFulfilment } from './fulfilment.presenter.js';

/** Commands about orders: as all others, and a client may wait for what the ledger then does by itself. */
@Injectable()
export class OrderCommands {
  constructor(
    private readonly commands: Commands,
    private readonly queries: QueryBus,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** As `Commands.run`; with `Prefer: wait=N` it answers once the fulfilment of the order has come to rest. */
  async run(
    command: Command<Receipt>,
    request: FastifyRequest,
    reply: FastifyReply,
    orderId: string,
    created?: string,
  ): Promise<OrderReceiptBody> {
    const receipt = await this.commands.run(command, reply, orderId, created);
    const wait = preferredWait(request.headers.prefer);
    if (wait === undefined) return receipt;
    const position = receipt.position === '' ? undefined : BigInt(receipt.position);
    const found = await this.queries.execute(new AwaitFulfilment(orderId, position, wait * 1_000));
    reply.header('Preference-Applied', `wait=${wait}`);
    const fulfilment = found && presentFulfilment(found, new Date(this.clock.now()).toISOString());
    return fulfilment ? { ...receipt, fulfilment } : receipt;
  }
}
