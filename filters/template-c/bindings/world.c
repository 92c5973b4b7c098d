// Not generated. The bindings ask for an object file that says which world they are for; it is binary,
// and `crossdock filter componentize` puts the same into the module. This answers in its place.

void __component_type_object_force_link_tag_filter(void);
void __component_type_object_force_link_tag_filter(void) {}
