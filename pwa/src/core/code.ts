// Enrolment codes: 16 digits in four groups, the last a check digit (SPEC ID-5; sync/code.py says why Damm's).

export const CODE_DIGITS = 16;

const TABLE = [
  "0317598642",
  "7092154863",
  "4206871359",
  "1750983426",
  "6123045978",
  "3674209581",
  "5869720134",
  "8945362017",
  "9438617205",
  "2581436790",
];

export function digits(typed: string): string {
  return typed.replace(/[^0-9]/g, "");
}

/** 16 digits whose check digit is right. */
export function isWhole(code: string): boolean {
  const end = [...code].reduce((interim, digit) => Number(TABLE[interim]?.[Number(digit)]), 0);
  return /^[0-9]{16}$/.test(code) && end === 0;
}

/** A code as it is shown and read out. */
export function grouped(code: string): string {
  return code.replace(/(.{4})(?=.)/g, "$1 ");
}
