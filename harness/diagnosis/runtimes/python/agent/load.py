# Runs the modules of hanglab_agent from their texts, for a process that cannot import them: nothing of it stays.
def load(texts):
    import builtins
    import types

    modules = {}

    def import_from(name, globals=None, locals=None, fromlist=(), level=0):
        return modules[name] if level else builtins.__import__(name, globals, locals, fromlist, level)

    for name, text in texts:
        module = types.ModuleType("hanglab_agent." + name)
        module.__dict__["__builtins__"] = dict(vars(builtins), __import__=import_from)
        modules[name] = module
        exec(compile(text, "hanglab_agent/" + name + ".py", "exec"), module.__dict__)
    return modules
