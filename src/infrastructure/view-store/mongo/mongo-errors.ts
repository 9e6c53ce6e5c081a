import { MongoBulkWriteError, MongoError, MongoInvalidArgumentError, MongoServerError, type WriteError } from 'mongodb';
import { ViewStoreUnavailable } from '../../../application/ports/view-store.js';

/** What the driver threw, in the port's words. What is our own defect stays as it is. */
export function translate(cause: unknown): unknown {
  if (!(cause instanceof MongoError) || cause instanceof MongoInvalidArgumentError) return cause;
  const what = cause instanceof MongoServerError && cause.codeName ? `${cause.codeName}: ` : '';
  return new ViewStoreUnavailable(`MongoDB: ${what}${cause.message}`, { cause });
}

/** https://www.mongodb.com/docs/manual/reference/error-codes/ */
const DUPLICATE_KEY = 11_000;
const INDEX_OPTIONS_CONFLICT = 85;
const INDEX_KEY_SPECS_CONFLICT = 86;

/** Of another document with this `_id`, not of a unique index that somebody else has made. */
export const isIdTaken = (cause: { code?: number | string | undefined; errmsg?: string | undefined }): boolean =>
  cause.code === DUPLICATE_KEY && /^E11000 duplicate key error collection: \S+ index: _id_ /.test(cause.errmsg ?? '');

/** An index of this name is there with other fields. */
export const isOtherIndex = (cause: unknown): cause is MongoServerError =>
  cause instanceof MongoServerError &&
  (cause.code === INDEX_OPTIONS_CONFLICT || cause.code === INDEX_KEY_SPECS_CONFLICT);

/** The writes of an unordered bulk that failed, when each failed by itself and the others are as durable as was asked. */
export function refusedWrites(cause: unknown): readonly WriteError[] {
  if (!(cause instanceof MongoBulkWriteError) || cause.result.getWriteConcernError()) return [];
  return cause.result.getWriteErrors();
}
