package io.proofofplay.runner.architecture.broken.core.json;

import com.fasterxml.jackson.core.JsonFactory;

/** Here Jackson is right. */
public final class Scanner {

  JsonFactory json;
}
