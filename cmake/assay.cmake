# How assay's folders become libraries, and *_test.c and *_fuzz.c beside them
# become tests. A new file is picked up by the next build; nothing is listed.

add_library(assay_flags INTERFACE)
target_include_directories(assay_flags INTERFACE ${CMAKE_SOURCE_DIR}
  ${CMAKE_BINARY_DIR})
target_compile_options(assay_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow
  -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Wno-missing-field-initializers # a table's row leaves out what it has not
  $<$<BOOL:${ASSAY_WERROR}>:-Werror> -fno-common)
target_compile_definitions(assay_flags INTERFACE _POSIX_C_SOURCE=200809L
  ASSAY_VERSION="${PROJECT_VERSION}" ASSAY_DATA_DIR="${ASSAY_DATA_DIR}")
if(ASSAY_SANITIZE)
  target_compile_options(assay_flags INTERFACE
    -fsanitize=${ASSAY_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(assay_flags INTERFACE -fsanitize=${ASSAY_SANITIZE})
endif()
if(ASSAY_FUZZ)
  target_compile_options(assay_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(ASSAY_COVERAGE)
  target_compile_options(assay_flags INTERFACE --coverage)
  target_link_options(assay_flags INTERFACE --coverage)
endif()

set_property(GLOBAL PROPERTY ASSAY_TEST_FOLDERS "")

function(assay_collect folder out)
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.c)
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench)\\.c$")
  set(${out} ${sources} PARENT_SCOPE)
endfunction()

# assay_library(NAME FOLDER LINK libs...)
function(assay_library name folder)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  assay_collect(${folder} sources)
  if(NOT sources)
    file(WRITE ${CMAKE_BINARY_DIR}/empty/${name}.c "int assay_${name}_empty;\n")
    set(sources ${CMAKE_BINARY_DIR}/empty/${name}.c)
  endif()
  add_library(assay_${name} STATIC ${sources})
  target_link_libraries(assay_${name} PUBLIC assay_flags ${ARG_LINK})
  set_property(GLOBAL APPEND PROPERTY ASSAY_TEST_FOLDERS "${name}|${folder}")
endfunction()

# A face is data alone: its functions are unused, and no compiler keeps those
# when it optimises and checks nothing at run time.
add_library(assay_face_flags INTERFACE)
target_compile_options(assay_face_flags INTERFACE -O2 -fno-sanitize=all
  -Wno-unused-function)

# assay_module(NAME LINK libs...): the sources below probes/ that say "module:
# NAME" in their first lines become lib/assay/NAME.so; see probes/module.h. To be
# called before assay_probes().
function(assay_module name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB all CONFIGURE_DEPENDS probes/*/*.c)
  list(FILTER all EXCLUDE REGEX "_(test|fuzz)\\.c$")
  set(sources "")
  set(faces "")
  foreach(source ${all})
    file(STRINGS ${source} head LIMIT_COUNT 12)
    if(head MATCHES "module: ${name}[^a-z]")
      list(APPEND sources ${source})
      file(STRINGS ${source} instance
        REGEX "^const struct (probe|session_driver) [a-z0-9_]+ =")
      if(instance)
        list(APPEND faces ${source})
      endif()
    endif()
  endforeach()
  # the code, once: in the module, and in an archive for tests of its parts
  add_library(assay_code_${name} OBJECT ${sources})
  set_target_properties(assay_code_${name} PROPERTIES
    POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(assay_code_${name} PUBLIC assay_flags ${ARG_LINK})
  add_library(assay_module_${name} MODULE
    $<TARGET_OBJECTS:assay_code_${name}>)
  set_target_properties(assay_module_${name} PROPERTIES PREFIX ""
    OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/assay)
  target_link_libraries(assay_module_${name} PRIVATE assay_flags ${ARG_LINK})
  add_library(assay_parts_${name} STATIC $<TARGET_OBJECTS:assay_code_${name}>)
  target_link_libraries(assay_parts_${name} PUBLIC assay_flags ${ARG_LINK})
  install(TARGETS assay_module_${name} LIBRARY DESTINATION lib/assay)
  add_library(assay_faces_${name} OBJECT ${faces})
  target_link_libraries(assay_faces_${name} PRIVATE assay_flags
    assay_face_flags ${ARG_LINK})
  target_compile_definitions(assay_faces_${name} PRIVATE
    ASSAY_MODULE="${name}")
  set_property(GLOBAL APPEND PROPERTY ASSAY_MODULES ${name})
  set_property(GLOBAL APPEND PROPERTY ASSAY_MODULE_SOURCES ${sources})
endfunction()

# assay_probes(NAME LINK libs...): every folder below probes/, and the registry
# generated from the file names.
function(assay_probes name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  get_property(modules GLOBAL PROPERTY ASSAY_MODULES)
  get_property(elsewhere GLOBAL PROPERTY ASSAY_MODULE_SOURCES)
  file(GLOB folders CONFIGURE_DEPENDS LIST_DIRECTORIES true probes/*)
  set(all ${CMAKE_SOURCE_DIR}/probes/registry.c
    ${CMAKE_SOURCE_DIR}/probes/module.c)
  set(probes "")
  set(monitors "")
  set(drivers "")
  foreach(folder ${folders})
    if(NOT IS_DIRECTORY ${folder})
      continue()
    endif()
    get_filename_component(family ${folder} NAME)
    assay_collect(${folder} sources)
    list(APPEND all ${sources})
    foreach(source ${sources})
      get_filename_component(stem ${source} NAME_WE)
      file(STRINGS ${source} instance
        REGEX "^const struct ((probe|monitor) (probe|monitor)_${stem}|session_driver driver_${family}) =")
      if(instance AND stem STREQUAL "${family}_driver")
        list(APPEND drivers ${family})
      elseif(instance AND family STREQUAL "monitors")
        list(APPEND monitors ${stem})
      elseif(instance)
        list(APPEND probes ${stem})
      endif()
      set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY
        CMAKE_CONFIGURE_DEPENDS ${source})
    endforeach()
    set_property(GLOBAL APPEND PROPERTY ASSAY_TEST_FOLDERS
      "${name}|probes/${family}")
  endforeach()
  list(SORT probes)
  list(SORT monitors)
  list(SORT drivers)
  set(text "/* Generated from the file names below probes/. */\n")
  string(APPEND text "#include \"probes/registry.h\"\n#include <stddef.h>\n")
  foreach(kind probe monitor driver)
    set(type ${kind})
    if(kind STREQUAL "driver")
      set(type session_driver)
    endif()
    foreach(stem ${${kind}s})
      string(APPEND text "extern const struct ${type} ${kind}_${stem};\n")
    endforeach()
    string(APPEND text "const struct ${type} *const ${kind}_registry[] = {\n")
    foreach(stem ${${kind}s})
      string(APPEND text "        &${kind}_${stem},\n")
    endforeach()
    string(APPEND text "        NULL,\n};\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/registry_tables.c
    CONTENT "${text}" @ONLY)
  list(REMOVE_ITEM all ${elsewhere})
  set(exports ${CMAKE_SOURCE_DIR}/cmake/module.exports)
  add_library(assay_${name} STATIC ${all} ${CMAKE_BINARY_DIR}/registry_tables.c)
  foreach(module ${modules})
    target_sources(assay_${name} PRIVATE
      $<TARGET_OBJECTS:assay_faces_${module}>)
    add_dependencies(assay_${name} assay_module_${module})
  endforeach()
  target_link_libraries(assay_${name} PUBLIC assay_flags ${ARG_LINK} ${CMAKE_DL_LIBS})
  target_link_options(assay_${name} INTERFACE -Wl,--dynamic-list=${exports})
  set_property(TARGET assay_${name} PROPERTY INTERFACE_LINK_DEPENDS ${exports})
endfunction()

# An executable of one source beside what it tests. The target is named by folder
# and file, so that two folders may have a test of one name; the program is
# bin/STEM, or bin/FOLDER-STEM where another folder has that name already.
function(assay_executable ret folder source)
  get_filename_component(stem ${source} NAME_WE)
  string(REPLACE "/" "-" target "${folder}-${stem}")
  get_property(taken GLOBAL PROPERTY ASSAY_STEMS)
  add_executable(${target} ${source})
  if(NOT stem IN_LIST taken)
    set_property(GLOBAL APPEND PROPERTY ASSAY_STEMS ${stem})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${stem})
  endif()
  set(${ret} ${target} PARENT_SCOPE)
endfunction()

# Every x_test.c is one executable and one ctest, FOLDER/x_test. In its first
# lines:
#   /* label: slow */          fast is the rule
#   /* timeout: 120 */         seconds; 120 is the rule
#   /* needs: namespace */     runs inside a network namespace of its own
#   /* needs: quiet */         measures milliseconds: nothing runs beside it, and
#                              it gets the label quiet, too
# Every x_bench.c is a program for scripts/bench, no test.
# Every x_fuzz.c is a libFuzzer target in the fuzz preset (ASSAY_FUZZ_SECONDS
# each, label slow), and replays its corpus/ in every other build. A folder's shell tests,
# x_test.sh, run with ASSAY, SOURCE and BUILD set.
function(assay_tests)
  get_property(folders GLOBAL PROPERTY ASSAY_TEST_FOLDERS)
  list(APPEND folders "all|probes" "all|harness/cli" "all|targets/real" "all|scripts"
    "all|suites" "all|suites/schema")
  set(everything assay_run assay_judge assay_reports assay_targets assay_plan
    assay_probes assay_gate assay_frame assay_model assay_base)
  get_property(modules GLOBAL PROPERTY ASSAY_MODULES)
  foreach(module ${modules})
    list(PREPEND everything assay_parts_${module})
  endforeach()
  foreach(entry ${folders})
    string(REPLACE "|" ";" pair ${entry})
    list(GET pair 0 library)
    list(GET pair 1 folder)
    file(GLOB tests CONFIGURE_DEPENDS ${folder}/*_test.c)
    foreach(source ${tests})
      get_filename_component(stem ${source} NAME_WE)
      assay_executable(target ${folder} ${source})
      target_link_libraries(${target} PRIVATE ${everything} PkgConfig::CMOCKA)
      target_compile_options(${target} PRIVATE -Wno-missing-prototypes)
      assay_add_test(${folder}/${stem} ${source} $<TARGET_FILE:${target}>)
    endforeach()
    file(GLOB shells CONFIGURE_DEPENDS ${folder}/*_test.sh)
    foreach(source ${shells})
      get_filename_component(stem ${source} NAME_WE)
      assay_add_test(${folder}/${stem} ${source} bash ${source})
    endforeach()
    file(GLOB benches CONFIGURE_DEPENDS ${folder}/*_bench.c)
    foreach(source ${benches})
      assay_executable(target ${folder} ${source})
      target_link_libraries(${target} PRIVATE ${everything})
    endforeach()
    file(GLOB fuzzers CONFIGURE_DEPENDS ${folder}/*_fuzz.c)
    foreach(source ${fuzzers})
      get_filename_component(stem ${source} NAME_WE)
      string(REPLACE "_fuzz" "" subject ${stem})
      set(corpus ${CMAKE_SOURCE_DIR}/${folder}/corpus/${subject})
      assay_executable(target ${folder} ${source})
      target_link_libraries(${target} PRIVATE ${everything})
      target_compile_options(${target} PRIVATE -Wno-missing-prototypes)
      set(name ${folder}/${stem})
      if(ASSAY_FUZZ)
        set(found ${CMAKE_BINARY_DIR}/corpus/${folder}/${subject})
        target_link_options(${target} PRIVATE -fsanitize=fuzzer)
        file(MAKE_DIRECTORY ${found})
        add_test(NAME ${name} COMMAND ${target}
          -max_total_time=${ASSAY_FUZZ_SECONDS} -timeout=10 -rss_limit_mb=4096 -print_final_stats=1
          ${found} ${corpus})
        set_tests_properties(${name} PROPERTIES LABELS "slow;fuzz"
          TIMEOUT 300)
      else()
        target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/replay.c)
        add_test(NAME ${name}_replay COMMAND ${target} ${corpus})
        set_tests_properties(${name}_replay PROPERTIES LABELS fast TIMEOUT 60)
      endif()
    endforeach()
  endforeach()
endfunction()

function(assay_add_test name source)
  file(STRINGS ${source} head LIMIT_COUNT 12)
  set(label fast)
  set(timeout 120)
  set(alone OFF)
  set(quiet "")
  set(command ${ARGN})
  foreach(line ${head})
    if(line MATCHES "label: slow")
      set(label slow)
    endif()
    if(line MATCHES "timeout: ([0-9]+)")
      set(timeout ${CMAKE_MATCH_1})
    endif()
    if(line MATCHES "needs: namespace")
      set(command ${CMAKE_SOURCE_DIR}/scripts/in-namespace ${command})
    endif()
    if(line MATCHES "needs: quiet")
      set(alone ON)
      set(quiet ";quiet")
    endif()
  endforeach()
  add_test(NAME ${name} COMMAND ${command})
  set_tests_properties(${name} PROPERTIES LABELS "${label}${quiet}" TIMEOUT ${timeout}
    RUN_SERIAL ${alone} COST ${timeout} # the longest begin first
    ENVIRONMENT "ASSAY=$<TARGET_FILE:assay>;SOURCE=${CMAKE_SOURCE_DIR};BUILD=${CMAKE_BINARY_DIR};CMOCKA_MESSAGE_OUTPUT=stdout")
endfunction()
