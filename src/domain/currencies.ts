/**
 * Currencies and funds of ISO 4217 by the digits of their minor unit. Codes without a minor unit (metals, XDR, test
 * codes) are no money here.
 * Source: ISO 4217 list one as its maintenance agency SIX published it on 2024-06-25, each code and its digits compared by
 * program; amendments 176 (XCG for ANG), 179 (XAD) and BGN's end are newer. Because a ledger takes in old years, the codes
 * that were tender until 2010 or later by CLDR 48 stay; no list gives their digits, so those are of the time.
 */
const BY_EXPONENT: readonly (readonly [exponent: number, codes: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
     COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
     INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
     MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
     STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
  // Withdrawn since 2010.
  [0, 'BYR'],
  [2, 'ANG BGN CUC EEK HRK LTL LVL MRO SLL STD VEF ZMK ZWL'],
];

const EXPONENTS: ReadonlyMap<string, number> = new Map(
  BY_EXPONENT.flatMap(([exponent, codes]) => codes.split(/\s+/).map((code) => [code, exponent] as const)),
);

/** Digits after the point of a currency's minor unit (GBP 2, JPY 0, KWD 3); `undefined` for what is no currency. */
export const exponentOf = (currency: string): number | undefined => EXPONENTS.get(currency);

/** Every code that money may be in, sorted. */
export const CURRENCIES: readonly string[] = [...EXPONENTS.keys()].sort();
