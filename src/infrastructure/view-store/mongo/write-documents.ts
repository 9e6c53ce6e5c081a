import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import type { BsonDocument } from './bson-document.js';
import { MAX_TIME_MS } from './mongo-connection.js';
import { isIdTaken, refusedWrites } from './mongo-errors.js';

/** `size` in characters of JSON. */
type Writable = Readonly<{ document: BsonDocument; asOf: bigint; size: number }>;

/** At most so much goes in one command, so that each ends well within its time. */
const COMMAND_DOCUMENTS = 1_000;
const COMMAND_SIZE = 4_000_000;

/**
 * Writes each document where none is stored or an older one. Not in order, and not together: after an error some are
 * written, and doing it all again is safe.
 */
export async function writeDocuments(collection: Collection<BsonDocument>, documents: readonly Writable[]) {
  for (const command of commandsOf(documents)) await writeSome(collection, command);
}

/**
 * Where the same or a newer one is stored, the filter finds none, and the insert that `upsert` makes of it is refused: `_id`
 * is taken. It is refused as well when an older one was inserted by somebody else in this very moment, so those that are
 * refused are compared once more, as plain updates.
 */
async function writeSome(collection: Collection<BsonDocument>, documents: readonly Writable[]): Promise<void> {
  const write = (some: readonly Writable[], upsert: boolean) =>
    collection.bulkWrite(
      some.map(({ document, asOf }): AnyBulkWriteOperation<BsonDocument> => {
        const filter = { _id: document._id, asOf: { $lt: asOf } };
        return { replaceOne: { filter, replacement: document, upsert } };
      }),
      { ordered: false, maxTimeMS: MAX_TIME_MS },
    );
  try {
    await write(documents, true);
  } catch (cause) {
    const refused = refusedWrites(cause);
    if (refused.length === 0 || !refused.every(isIdTaken)) throw cause;
    await write(
      refused.flatMap(({ index }) => documents[index] ?? []),
      false,
    );
  }
}

function* commandsOf(documents: readonly Writable[]): Generator<readonly Writable[]> {
  let command: Writable[] = [];
  let size = 0;
  for (const document of documents) {
    if (command.length === COMMAND_DOCUMENTS || (command.length > 0 && size + document.size > COMMAND_SIZE)) {
      yield command;
      command = [];
      size = 0;
    }
    command.push(document);
    size += document.size;
  }
  if (command.length > 0) yield command;
}
