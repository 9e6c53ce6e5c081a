/**
 * The least that the API's framework does for an order: NestJS on Fastify takes the request, a command goes through the
 * CommandBus, an id comes back. Nothing is checked, decided or stored. Started by `bench/orders.ts`, so that its figure
 * can be read against what this machine gives at best.
 */
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, CommandHandler, CqrsModule, type ICommandHandler } from '@nestjs/cqrs';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';

class PlaceNothing {
  constructor(readonly body: unknown) {}
}

@CommandHandler(PlaceNothing)
class PlaceNothingHandler implements ICommandHandler<PlaceNothing> {
  execute(): Promise<{ id: string }> {
    return Promise.resolve({ id: `ord_${randomUUID()}` });
  }
}

@Controller('v1/orders')
class BareController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  place(@Body() body: unknown): Promise<unknown> {
    return this.commands.execute(new PlaceNothing(body));
  }
}

@Module({ imports: [CqrsModule.forRoot()], controllers: [BareController], providers: [PlaceNothingHandler] })
class BareModule {}

const app = await NestFactory.create<NestFastifyApplication>(BareModule, new FastifyAdapter(), { logger: false });
await app.listen(0, '127.0.0.1');
process.send?.({ type: 'ready', url: await app.getUrl() });
process.once('SIGTERM', () => void app.close().then(() => process.disconnect()));
