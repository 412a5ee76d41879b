package io.proofofplay.spool.file;

/**
 * Bytes of a spool file that are not what they were when they were written.
 *
 * @param file the file's name in the sink's folder
 * @param offset where in the file they begin, from 0
 * @param length how many they are; 0 where something is missing
 * @param what what is wrong with them, for people
 */
public record SpoolDamage(String file, long offset, long length, String what) {}
