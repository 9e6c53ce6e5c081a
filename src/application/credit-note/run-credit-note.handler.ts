import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { creditNote } from '../../domain/credit-note/credit-note.decider.js';
import type { CreditNoteCommand } from '../../domain/credit-note/credit-note.commands.js';
import { creditNoteStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import { StreamWriter } from '../stream-writer.js';

/** Decides one command on its creditnote stream; everything it throws, `StreamWriter.execute` says. */
export const runCreditNote = (
  writer: StreamWriter,
  command: CreditNoteCommand,
  context: CommandContext,
): Promise<Receipt> => {
  const { data } = command;
  return writer.execute(creditNote, creditNoteStream(data.creditNoteId), command, context);
};

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
