package io.proofofplay.runner.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class ArchitectureTest {

  private static final String PROGRAM = "io.proofofplay";
  private static final String BROKEN = "io.proofofplay.runner.architecture.broken";

  /** The classes that break a rule in the copy, by the rule's name. */
  private static final Map<String, String> BREAKERS =
      Map.ofEntries(
          Map.entry("the domain knows only itself", "Domain"),
          Map.entry("the settings' words know nothing", "Word"),
          Map.entry("the JSON scan knows nothing", "Tree"),
          Map.entry("the ports know only the domain", "Port"),
          Map.entry("the engine knows only the ports and the domain", "Engine"),
          Map.entry("an adapter knows only the ports and the domain", "TelegraphSource"),
          Map.entry("an adapter knows no other adapter", "Spool"),
          Map.entry("Jackson is for the JSON scan and the runner", "Engine"),
          Map.entry("Guice is for the runner", "PaperSinkHelper"),
          Map.entry("the HTTP client is for its sink", "PaperSinkHelper"),
          Map.entry("threads are the engine's and the runner's", "PaperSinkHelper"),
          Map.entry("clocks are the engine's and the runner's", "PaperSinkHelper"),
          Map.entry("a class has a name of its own", "PaperSinkHelper"),
          Map.entry("packages are free of cycles", "Wheel"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(PROGRAM);

  private static final JavaClasses BROKEN_CLASSES = new ClassFileImporter().importPackages(BROKEN);

  @TestFactory
  Stream<DynamicTest> theProgramKeepsTheRule() {
    return new Rules(PROGRAM)
        .all().entrySet().stream()
            .map(
                rule ->
                    DynamicTest.dynamicTest(rule.getKey(), () -> rule.getValue().check(CLASSES)));
  }

  @TestFactory
  Stream<DynamicTest> aClassThatBreaksTheRuleIsFound() {
    return new Rules(BROKEN)
        .all().entrySet().stream()
            .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> breaks(rule)));
  }

  private static void breaks(Map.Entry<String, ArchRule> rule) {
    EvaluationResult result = rule.getValue().evaluate(BROKEN_CLASSES);
    assertThat(BREAKERS).containsKey(rule.getKey());
    assertThat(result.getFailureReport().getDetails())
        .anyMatch(detail -> detail.contains("." + BREAKERS.get(rule.getKey())));
  }

  @Test
  void noClassThatKeepsTheRulesIsBlamed() {
    assertThat(new Rules(BROKEN).all().values())
        .flatMap(rule -> rule.evaluate(BROKEN_CLASSES).getFailureReport().getDetails())
        .noneMatch(detail -> detail.startsWith("Class <" + BROKEN + ".core.json.Scanner"))
        .noneMatch(detail -> detail.startsWith("Field <" + BROKEN + ".core.json.Scanner"))
        .noneMatch(detail -> detail.startsWith("Field <" + BROKEN + ".sink.http.HttpSink"));
  }

  @Test
  void everyModuleIsLookedAt() {
    assertThat(CLASSES)
        .extracting(type -> type.getPackageName())
        .contains(
            "io.proofofplay.core.model",
            "io.proofofplay.core.spi",
            "io.proofofplay.core.relay",
            "io.proofofplay.source.infobeamer",
            "io.proofofplay.sink.http",
            "io.proofofplay.spool.file",
            "io.proofofplay.runner");
  }
}
