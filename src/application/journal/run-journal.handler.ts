import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { JournalCommand } from '../../domain/journal/journal.commands.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { StreamWriter } from '../stream-writer.js';
import { runJournal } from './run-journal.js';

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
