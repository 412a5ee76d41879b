package io.proofofplay.runner.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameStartingWith;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rules of {@code architecture.md}, for the modules below one base package: {@code runner →
 * adapters → core.spi → core.model}, {@code core.relay → core.spi}, and what each library is for.
 */
final class Rules {

  private static final String THREADS =
      "java\\.util\\.(concurrent\\.(Executors?|ExecutorService|ScheduledExecutorService"
          + "|ThreadPoolExecutor|ScheduledThreadPoolExecutor|ForkJoinPool|CompletableFuture)"
          + "|Timer)";

  private final String base;

  Rules(String base) {
    this.base = base;
  }

  /** All rules by their names, which the tests carry. */
  Map<String, ArchRule> all() {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.put("the domain knows only itself", only("core.model..", "core.config..", "core.json.."));
    rules.put("the settings' words know nothing", only("core.config.."));
    rules.put("the JSON scan knows nothing", only("core.json..", "core.model..", "core.config.."));
    rules.put(
        "the ports know only the domain",
        only("core.spi..", "core.model..", "core.config..", "core.json.."));
    rules.put(
        "the engine knows only the ports and the domain",
        only("core.relay..", "core.spi..", "core.model..", "core.config..", "core.json.."));
    rules.put("an adapter knows only the ports and the domain", adapters());
    rules.put(
        "an adapter knows no other adapter",
        slices().assignedFrom(new Adapter()).should().notDependOnEachOther());
    rules.put(
        "Jackson is for the JSON scan and the runner",
        library("com.fasterxml.jackson..", "core.json..", "runner.."));
    rules.put("Guice is for the runner", library("com.google.inject..", "runner.."));
    rules.put("the HTTP client is for its sink", library("org.apache.hc..", "sink.http.."));
    rules.put("threads are the engine's and the runner's", threads());
    rules.put("clocks are the engine's and the runner's", clocks());
    rules.put("a class has a name of its own", names());
    rules.put(
        "packages are free of cycles", slices().matching(base + ".(**)").should().beFreeOfCycles());
    return rules;
  }

  private String[] in(String... packages) {
    String[] full = new String[packages.length];
    for (int i = 0; i < packages.length; i++) {
      full[i] = base + "." + packages[i];
    }
    return full;
  }

  /** The classes of the first package may use those of all these, and of nothing else of ours. */
  private ArchRule only(String... packages) {
    return noClasses()
        .that(resideInAnyPackage(in(packages[0])))
        .should()
        .dependOnClassesThat(ours().and(resideOutsideOfPackages(in(packages))));
  }

  private ArchRule adapters() {
    DescribedPredicate<JavaClass> others =
        ours()
            .and(
                resideOutsideOfPackages(
                    in("core.spi..", "core.model..", "core.config..", "core.json..")))
            .and(resideOutsideOfPackages(in("source..", "sink..", "spool..")));
    return noClasses()
        .that(resideInAnyPackage(in("source..", "sink..", "spool..")))
        .should()
        .dependOnClassesThat(others);
  }

  /** Every package right below {@code source}, {@code sink} and {@code spool} is one adapter. */
  private final class Adapter implements SliceAssignment {

    private final Pattern form =
        Pattern.compile(Pattern.quote(base) + "\\.(source|sink|spool)\\.(\\w+).*");

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      Matcher name = form.matcher(type.getPackageName());
      return name.matches()
          ? SliceIdentifier.of(name.group(1), name.group(2))
          : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "adapters";
    }
  }

  private DescribedPredicate<JavaClass> ours() {
    return resideInAnyPackage(base + "..");
  }

  private ArchRule library(String library, String... users) {
    return noClasses()
        .that(ours().and(resideOutsideOfPackages(in(users))))
        .should()
        .dependOnClassesThat(resideInAnyPackage(library));
  }

  /** Where neither threads nor clocks belong. The test kit is no part of the program. */
  private DescribedPredicate<JavaClass> timeless() {
    return ours()
        .and(resideOutsideOfPackages(in("core.relay..", "runner..", "testkit..")))
        .and(DescribedPredicate.not(simpleName("SystemTime")));
  }

  private ArchRule threads() {
    return noClasses()
        // Who asks this one for a force waits until all of its threads are done.
        .that(timeless().and(DescribedPredicate.not(simpleNameStartingWith("JointForce"))))
        .should()
        .callConstructorWhere(target("java.lang.Thread", "<init>"))
        .orShould()
        .callMethodWhere(target("java.lang.Thread", "start|sleep|ofVirtual|startVirtualThread"))
        .orShould()
        .dependOnClassesThat(nameMatching(THREADS));
  }

  private ArchRule clocks() {
    return noClasses()
        .that(timeless())
        .should()
        .callMethodWhere(target("java.lang.System", "nanoTime|currentTimeMillis"))
        .orShould()
        .callMethodWhere(target("java\\.time\\.\\w+", "now|system\\w*"))
        .orShould()
        .callConstructorWhere(
            target("java.util.Date", "<init>")
                .and(
                    new DescribedPredicate<JavaAccess<?>>("takes no argument") {
                      @Override
                      public boolean test(JavaAccess<?> access) {
                        return access.getDescription().contains("Date.<init>()");
                      }
                    }));
  }

  private static DescribedPredicate<JavaAccess<?>> target(String owner, String name) {
    return new DescribedPredicate<>("target is " + owner + "." + name) {
      @Override
      public boolean test(JavaAccess<?> access) {
        return access.getTargetOwner().getName().matches(owner)
            && access.getTarget().getName().matches(name);
      }
    };
  }

  private ArchRule names() {
    return classes()
        .that(ours())
        .should()
        .haveNameNotMatching(".*(Manager|Helper|Helpers|Util|Utils|Impl)");
  }
}
