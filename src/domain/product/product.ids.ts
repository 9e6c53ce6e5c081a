/** A stock keeping unit: 1 to 64 of `A-Z 0-9 . _ -`, upper case, beginning with a letter or a digit. */
export const SKU = /^[A-Z0-9][A-Z0-9._-]{0,63}$/;
