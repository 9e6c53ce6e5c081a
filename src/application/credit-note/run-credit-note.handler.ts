import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CreditNoteCommand } from '../../domain/credit-note/credit-note.commands.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { StreamWriter } from '../stream-writer.js';
import { runCreditNote } from './run-credit-note.js';

export class RunCreditNote extends Command<Receipt> {
  constructor(
    readonly command: CreditNoteCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(RunCreditNote)
export class RunCreditNoteHandler implements ICommandHandler<RunCreditNote> {
  constructor(private readonly writer: StreamWriter) {}

  execute({ command, context }: RunCreditNote): Promise<Receipt> {
    return runCreditNote(this.writer, command, context);
  }
}
