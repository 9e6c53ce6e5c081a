/**
 * What a view store has written down of a follower, read past the port: that hides leases that have expired, and views
 * that nobody asks for.
 * `follower`   `<name>@<version>`
 * `indexes`    shapes of its indexes, as the store compares them; absent while the view has no collection
 * `log`        identity of the log that the view is made from
 * `position`   its checkpoint
 * `expiresAt`  of its lease, in milliseconds since 1970; absent when it is free
 */
export type FollowerRecord = Readonly<{
  follower: string;
  indexes?: string;
  log?: string;
  position?: bigint;
  holder?: string;
  expiresAt?: number;
}>;

/** Name and version of `<name>@<version>`; `undefined` for a follower that is no view. */
export function viewNamed(follower: string): Readonly<{ name: string; version: number }> | undefined {
  const parts = /^(.+)@([0-9]+)$/.exec(follower);
  return parts?.[1] === undefined ? undefined : { name: parts[1], version: Number(parts[2]) };
}
