# Cross-compiling to 64-bit Arm with Debian's g++-aarch64-linux-gnu. The libraries are those of the arm64
# packages that ./dev unpacks below build/aarch64/root: nothing foreign is installed.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

get_filename_component(oche_foreign ${CMAKE_CURRENT_LIST_DIR}/../build/aarch64/root ABSOLUTE)
set(CMAKE_FIND_ROOT_PATH ${oche_foreign})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${oche_foreign}/usr/lib/aarch64-linux-gnu/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${oche_foreign})
# The headers that differ between architectures.
set(CMAKE_CXX_FLAGS_INIT "-isystem ${oche_foreign}/usr/include/aarch64-linux-gnu")
# What the libraries themselves need is there when the program runs.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,--allow-shlib-undefined")
