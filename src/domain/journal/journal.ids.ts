/** 1 to 64 of `A-Z a-z 0-9 . _ -`, beginning with a letter or a digit. */
export const JOURNAL_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** An account path, coarse to fine: 1 to 8 parts of `a-z 0-9 -`, each at most 40 long, joined by `:`. */
export const ACCOUNT = /^[a-z0-9][a-z0-9-]{0,39}(?::[a-z0-9][a-z0-9-]{0,39}){0,7}$/;
