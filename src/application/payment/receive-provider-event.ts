import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { providerEvent } from '../../domain/provider-event/provider-event.decider.js';
import type { ProviderEvent } from '../../domain/provider-event/provider-event.events.js';
import { providerEventStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { StreamWriter } from '../stream-writer.js';

/**
 * Writes down what a provider told, once by its own id of the event; it is applied later. A delivery is repeated with
 * other particulars (how many are outstanding), so it is the same by its id, not by its content.
 */
export function receiveProviderEvent(
  writer: StreamWriter,
  data: ProviderEvent['data'],
  context: Omit<CommandContext, 'commandId'>,
): Promise<Receipt> {
  const { provider, eventId } = data;
  const command = { type: 'ReceiveProviderEvent', data } as const;
  const asked = { type: command.type, data: { provider, eventId } };
  const commandId = `${provider}/${eventId}`;
  return writer.execute(
    providerEvent,
    providerEventStream(provider, eventId),
    command,
    { ...context, commandId },
    { asked },
  );
}

export class ReceiveProviderEvent extends Command<Receipt> {
  constructor(
    readonly data: ProviderEvent['data'],
    readonly context: Omit<CommandContext, 'commandId'>,
  ) {
    super();
  }
}

@CommandHandler(ReceiveProviderEvent)
export class ReceiveProviderEventHandler implements ICommandHandler<ReceiveProviderEvent> {
  constructor(private readonly writer: StreamWriter) {}

  execute({ data, context }: ReceiveProviderEvent): Promise<Receipt> {
    return receiveProviderEvent(this.writer, data, context);
  }
}
