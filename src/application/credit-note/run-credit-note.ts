import { creditNote } from '../../domain/credit-note/credit-note.decider.js';
import type { CreditNoteCommand } from '../../domain/credit-note/credit-note.commands.js';
import { creditNoteStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import type { StreamWriter } from '../stream-writer.js';

/** Decides one command on its creditnote stream; everything it throws, `StreamWriter.execute` says. */
export const runCreditNote = (
  writer: StreamWriter,
  command: CreditNoteCommand,
  context: CommandContext,
): Promise<Receipt> => {
  const { data } = command;
  return writer.execute(creditNote, creditNoteStream(data.creditNoteId), command, context);
};
