/** A place that holds stock: 1 to 32 of `a-z 0-9 -`, beginning with a letter or a digit. */
export const LOCATION = /^[a-z0-9][a-z0-9-]{0,31}$/;
/** 1 to 64 of `A-Z a-z 0-9 . _ -`, beginning with a letter or a digit. */
export const RESERVATION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** As a reservation's id. The same on both sides of a transfer. */
export const TRANSFER_ID = RESERVATION_ID;
