import { journal } from '../../domain/journal/journal.decider.js';
import type { JournalCommand } from '../../domain/journal/journal.commands.js';
import { journalStream } from '../../domain/streams.js';
import type { CommandContext, Receipt } from '../command-context.js';
import type { StreamWriter } from '../stream-writer.js';

/** Decides one command on its journal stream; everything it throws, `StreamWriter.execute` says. */
export const runJournal = (
  writer: StreamWriter,
  command: JournalCommand,
  context: CommandContext,
): Promise<Receipt> => {
  const { data } = command;
  return writer.execute(journal, journalStream(data.journalId), command, context);
};
