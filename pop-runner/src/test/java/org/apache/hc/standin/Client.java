package org.apache.hc.standin;

/** Stands in for the HTTP client, which the classes of this module cannot see. */
public final class Client {}
