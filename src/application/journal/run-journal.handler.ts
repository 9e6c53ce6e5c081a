import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { journal } from '../../domain/journal/journal.decider.js';
import type { JournalCommand } from '../../domain/journal/journal.commands.js';
import { journalStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { StreamWriter } from '../stream-writer.js';

/** Decides one command on its journal stream; everything it throws, `StreamWriter.execute` says. */
export const runJournal = (
  writer: StreamWriter,
  command: JournalCommand,
  context: CommandContext,
): Promise<Receipt> => {
  const { data } = command;
  return writer.execute(journal, journalStream(data.journalId), command, context);
};

export class RunJournal extends Command<Receipt> {
  constructor(
    readonly command: JournalCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RunJournal)
export class RunJournalHandler implements ICommandHandler<RunJournal> {
  constructor(private readonly writer: StreamWriter) {}

  execute({ command, context }: RunJournal): Promise<Receipt> {
    return runJournal(this.writer, command, context);
  }
}
