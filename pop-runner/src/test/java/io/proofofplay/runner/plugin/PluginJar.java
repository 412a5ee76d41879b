package io.proofofplay.runner.plugin;

import io.proofofplay.core.spi.SubmitterProvider;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** A plugin's jar, compiled on the spot, so that its classes are nowhere else. */
final class PluginJar {

  private final Path classes;
  private final List<JavaFileObject> sources = new ArrayList<>();
  private final List<String> announced = new ArrayList<>();

  PluginJar(Path scratch) throws IOException {
    classes = Files.createTempDirectory(scratch, "classes");
  }

  /** A provider of this type, whose settings are these record components. */
  PluginJar provider(String name, String type, String components) {
    return source(
            name,
            """
            package acme;
            import io.proofofplay.core.config.Setting;
            import io.proofofplay.core.spi.*;
            public final class %1$s implements SubmitterProvider<%1$s.Settings> {
              public record Settings(%3$s) {}
              public String type() { return %2$s; }
              public Class<Settings> configType() { return Settings.class; }
              public Submitter create(Settings settings, SinkContext context) { return null; }
            }
            """
                .formatted(name, type, components))
        .announce("acme." + name);
  }

  PluginJar source(String name, String text) {
    sources.add(
        new SimpleJavaFileObject(
            URI.create("string:///acme/" + name + ".java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
          }
        });
    return this;
  }

  PluginJar announce(String line) {
    announced.add(line);
    return this;
  }

  Path write(Path jar) throws IOException {
    compile();
    Files.createDirectories(jar.getParent());
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file);
        Stream<Path> compiled = Files.walk(classes)) {
      out.putNextEntry(new JarEntry("META-INF/services/" + SubmitterProvider.class.getName()));
      out.write(String.join("\n", announced).getBytes(StandardCharsets.UTF_8));
      for (Path path : compiled.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(path).toString()));
        Files.copy(path, out);
      }
    }
    return jar;
  }

  private void compile() {
    if (sources.isEmpty()) {
      return;
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    boolean done =
        compiler
            .getTask(
                null,
                null,
                null,
                List.of(
                    "-d",
                    classes.toString(),
                    "-classpath",
                    System.getProperty("java.class.path"),
                    "-proc:none"),
                null,
                sources)
            .call();
    if (!done) {
      throw new IllegalStateException("the plugin does not compile");
    }
  }
}
