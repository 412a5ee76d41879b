package io.proofofplay.runner.plugin;

import io.proofofplay.core.spi.EventSourceProvider;
import io.proofofplay.core.spi.SubmitterProvider;
import io.proofofplay.runner.config.Adapters;
import io.proofofplay.runner.config.ConfigurationException;
import io.proofofplay.runner.config.Delivery;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * The providers that this process can use. A plugin is a jar in the folder {@code plugins} of the
 * program's home; all of them share one class loader. A plugin that cannot be used stops the start:
 * a relay that runs without a sink that somebody installed would keep quiet about it.
 *
 * <p>Not thread-safe.
 */
public final class Plugins {

  private static final Pattern TYPE = Pattern.compile("[a-z0-9-]{1,64}");

  private final Path folder;
  private final List<String> problems = new ArrayList<>();

  /** The providers that each jar announces, by the jar. */
  private final Map<Path, Set<String>> announced = new LinkedHashMap<>();

  private Plugins(Path folder) {
    this.folder = folder;
  }

  /**
   * Finds all providers.
   *
   * @param home the program's home, which may have a folder {@code plugins}
   * @return the providers by their types
   * @throws ConfigurationException if a plugin cannot be used, or two providers have one type
   */
  public static Adapters load(Path home) throws ConfigurationException {
    return new Plugins(home.resolve("plugins")).load();
  }

  private Adapters load() throws ConfigurationException {
    List<Path> jars = jars();
    refuseTwins(jars);
    ClassLoader loader = loader(jars);
    Map<String, EventSourceProvider<?>> sources = new LinkedHashMap<>();
    for (EventSourceProvider<?> provider : providers(EventSourceProvider.class, loader)) {
      register(sources, provider, provider::type, provider::configType, Set.of("type"));
    }
    Set<String> taken = new TreeSet<>(Set.of("type"));
    taken.addAll(names(Delivery.class));
    Map<String, SubmitterProvider<?>> sinks = new LinkedHashMap<>();
    for (SubmitterProvider<?> provider : providers(SubmitterProvider.class, loader)) {
      register(sinks, provider, provider::type, provider::configType, taken);
    }
    if (!problems.isEmpty()) {
      throw new ConfigurationException(problems);
    }
    return new Adapters(sources, sinks);
  }

  private List<Path> jars() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> jars;
    try (Stream<Path> files = Files.list(folder)) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      problems.add(folder + ": cannot be read: " + e.getMessage());
      return List.of();
    }
    for (Path jar : jars) {
      try {
        announced.put(jar, announcements(jar));
      } catch (IOException e) {
        problems.add(jar + ": is not a jar (" + e.getMessage() + "); replace it, or take it out");
      }
    }
    return List.copyOf(announced.keySet());
  }

  /** One of two classes of one name would be used, and nobody would know which. */
  private void refuseTwins(List<Path> jars) {
    Set<String> classes = new TreeSet<>();
    announced.values().forEach(classes::addAll);
    for (String name : classes) {
      String file = name.replace('.', '/') + ".class";
      List<String> holders = new ArrayList<>();
      URL own = Plugins.class.getClassLoader().getResource(file);
      if (own != null) {
        holders.add("the program itself");
      }
      for (Path jar : jars) {
        if (holds(jar, file)) {
          holders.add(jar.toString());
        }
      }
      if (holders.size() > 1) {
        problems.add(
            "the provider "
                + name
                + " stands twice, in "
                + String.join(" and in ", holders)
                + "; take one out");
      }
    }
  }

  private boolean holds(Path jar, String file) {
    try (JarFile open = new JarFile(jar.toFile())) {
      return open.getEntry(file) != null;
    } catch (IOException e) {
      problems.add(jar + ": cannot be read: " + e.getMessage() + "; replace it, or take it out");
      return false;
    }
  }

  private static Set<String> announcements(Path jar) throws IOException {
    Set<String> classes = new TreeSet<>();
    try (JarFile file = new JarFile(jar.toFile())) {
      for (Class<?> port : List.of(SubmitterProvider.class, EventSourceProvider.class)) {
        ZipEntry entry = file.getEntry("META-INF/services/" + port.getName());
        if (entry != null) {
          new String(file.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .map(line -> line.replaceAll("#.*", "").strip())
              .filter(line -> !line.isEmpty())
              .forEach(classes::add);
        }
      }
    }
    return classes;
  }

  /** The loader stays open: a plugin's classes are loaded when they are first used. */
  private static ClassLoader loader(Collection<Path> jars) {
    ClassLoader own = Plugins.class.getClassLoader();
    if (jars.isEmpty()) {
      return own;
    }
    return new URLClassLoader("plugins", jars.stream().map(Plugins::url).toArray(URL[]::new), own);
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException("no URL for " + jar, e);
    }
  }

  private <P> List<P> providers(Class<P> port, ClassLoader loader) {
    List<P> found = new ArrayList<>();
    Iterator<ServiceLoader.Provider<P>> all = ServiceLoader.load(port, loader).stream().iterator();
    for (boolean more = true; more; ) {
      try {
        more = all.hasNext();
        if (more) {
          instance(all.next()).ifPresent(found::add);
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        problems.add(announcer(e) + reason(e));
      }
    }
    return found;
  }

  private <P> Optional<P> instance(ServiceLoader.Provider<P> provider) {
    try {
      return Optional.of(provider.get());
    } catch (ServiceConfigurationError | LinkageError e) {
      problems.add(place(provider.type()) + reason(e));
      return Optional.empty();
    }
  }

  private <P> void register(
      Map<String, P> known,
      P provider,
      Supplier<String> typeOf,
      Supplier<Class<? extends Record>> configOf,
      Set<String> taken) {
    String type;
    Class<? extends Record> config;
    try {
      type = typeOf.get();
      config = configOf.get();
    } catch (RuntimeException | LinkageError e) {
      problems.add(place(provider.getClass()) + reason(e));
      return;
    }
    if (type == null || !TYPE.matcher(type).matches()) {
      problems.add(
          place(provider.getClass())
              + ": its type \""
              + type
              + "\" is not 1 to 64 of the characters a-z 0-9 -");
      return;
    }
    if (config == null || !config.isRecord()) {
      problems.add(place(provider.getClass()) + ": its configType is not a record");
      return;
    }
    for (String name : names(config)) {
      if (taken.contains(name)) {
        problems.add(
            place(provider.getClass())
                + ": its setting "
                + name
                + " is the relay's own; it needs another name");
      }
    }
    P other = known.putIfAbsent(type, provider);
    if (other != null) {
      problems.add(
          "the type "
              + type
              + " is claimed twice, by "
              + place(other.getClass())
              + " and by "
              + place(provider.getClass())
              + "; take one out");
    }
  }

  private static List<String> names(Class<? extends Record> config) {
    return Arrays.stream(config.getRecordComponents()).map(part -> part.getName()).toList();
  }

  /** The class and the jar that it comes from. */
  private static String place(Class<?> provider) {
    CodeSource source = provider.getProtectionDomain().getCodeSource();
    String from = source == null ? "the JDK" : source.getLocation().getPath();
    return provider.getName() + " (" + from.substring(from.lastIndexOf('/') + 1) + ")";
  }

  /** The jars that may be at fault for an error that occurred before a class was there. */
  private String announcer(Throwable error) {
    String words = words(error);
    List<String> named = new ArrayList<>();
    List<String> all = new ArrayList<>();
    announced.forEach(
        (jar, classes) -> {
          if (!classes.isEmpty()) {
            all.add(jar.toString());
          }
          boolean says =
              words.contains(jar.getFileName().toString())
                  || classes.stream()
                      .anyMatch(
                          name -> words.contains(name) || words.contains(name.replace('.', '/')));
          if (says) {
            named.add(jar.toString());
          }
        });
    return String.join(" or ", named.isEmpty() ? all : named);
  }

  private static String words(Throwable error) {
    StringBuilder words = new StringBuilder();
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      words.append(cause.getMessage()).append('\n');
    }
    return words.toString();
  }

  private static String reason(Throwable error) {
    Throwable cause = error;
    while (cause instanceof ServiceConfigurationError && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String text =
        cause instanceof ServiceConfigurationError ? cause.getMessage() : cause.toString();
    return ": cannot be used: " + text + "; replace it, or take it out";
  }
}
