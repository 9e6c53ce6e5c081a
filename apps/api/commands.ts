import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, type Command } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandContext, Receipt } from '../../src/application/command-context.js';
import { CLOCK, type Clock } from '../../src/application/ports/clock.js';
import type { ReceiptBody } from './bodies.js';
import { commandHeaders } from './command-request.js';
import { currentPrincipal } from './principal.js';

/** Takes a command from HTTP to the command bus, and its receipt back. */
@Injectable()
export class Commands {
  constructor(
    private readonly bus: CommandBus,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The command's id, and who asked when, for whoever builds the command. Throws `RequestRefused` on bad headers. */
  contextOf(request: FastifyRequest): CommandContext {
    const occurredAt = new Date(this.clock.now()).toISOString();
    return { ...commandHeaders(request), occurredAt, principal: currentPrincipal() };
  }

  /** Runs it and writes the headers of the answer. `created` is where what it made can be read; its status is then 201. */
  async run(command: Command<Receipt>, reply: FastifyReply, id: string, created?: string): Promise<ReceiptBody> {
    const receipt = await this.bus.execute(command);
    const { stream, replayed } = receipt;
    const revision = String(receipt.revision ?? '');
    const position = String(receipt.position ?? '');
    reply.code(created === undefined ? 200 : 201);
    reply.header('ETag', `"${revision}"`).header('Ledger-Position', position);
    if (created !== undefined) reply.header('Location', created);
    if (replayed) reply.header('Idempotent-Replayed', 'true');
    return { object: 'receipt', id, stream, revision, position };
  }
}
