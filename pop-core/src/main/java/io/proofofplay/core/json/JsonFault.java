package io.proofofplay.core.json;

/** Why a run of bytes is not one strict JSON object with the member that was asked for. */
public enum JsonFault {
  /** The bytes are not valid UTF-8 (RFC 3629: no overlong forms, no surrogates). */
  BAD_UTF8,
  /** The bytes are not JSON by RFC 8259. */
  NOT_JSON,
  /** JSON, but not exactly one object: another kind of value, or something behind the object. */
  NOT_ONE_OBJECT,
  /** An object, at any depth, holds the same key twice. */
  DUPLICATE_KEY,
  /** Objects and arrays are nested deeper than {@value JsonScanner#MAX_DEPTH}. */
  TOO_DEEP,
  /** The object lacks the member, or the member is not a string, or the string is empty. */
  MEMBER_MISSING
}
